import { type Store, type Target, Upstream } from '@reliw/model'
import { Conflict, NotFound } from './errors.ts'
import { otherType } from './other-type.ts'
import { parseJson } from './parse-json.ts'
import { writeValue } from './write-value.ts'

/** Number of values that are read at the same time. */
const BATCH = 250

/** A stored upstream; its name is the one in metrics and logs: a host, or `host:entry`. */
export interface StoredUpstream {
  name: string
  /** In the order in which they are written; undefined when the stored value is invalid. */
  targets: readonly Target[] | undefined
}

/** A change of a target's state. */
export interface Drain {
  name: string
  /** The target as it is written, or as metrics and logs name it. */
  target: string
  isDrained: boolean
  /** Whether the last target that is in use may be drained. Default: false. */
  isForced?: boolean | undefined
}

/** A stored value that has an upstream, and the JSON of that upstream, which is a part of it. */
interface Found {
  key: string
  value: Record<string, unknown>
  upstream: Record<string, unknown>
}

/** All stored upstreams, of hosts and entries, sorted by name. */
export async function listUpstreams(store: Store): Promise<StoredUpstream[]> {
  const { driver, keys } = store
  const found: StoredUpstream[] = []
  for (const prefix of [keys.proxy(''), keys.routes('')]) {
    for await (const batch of driver.keys(prefix, BATCH)) {
      const names = batch.map((key) => key.slice(prefix.length))
      const upstreams = await Promise.all(names.map(async (name) => find(store, prefix + name)))
      for (const [at, one] of upstreams.entries()) {
        if (one === undefined) continue
        const { data } = Upstream.safeParse(one.upstream)
        found.push({ name: names[at] ?? '', targets: data?.targets })
      }
    }
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Drains a target, or ends that: at once on all servers. Everything else of the stored value stays as it is.
 *
 * @returns the target as metrics and logs name it, and whether anything has changed
 * @throws NotFound; Conflict for the last target in use, unless `isForced`; InvalidValue for an invalid stored value
 */
export async function drainTarget(
  store: Store,
  { name, target: text, isDrained, isForced = false }: Drain
): Promise<{ target: string; isChanged: boolean }> {
  const { keys } = store
  const found = (await find(store, keys.proxy(name))) ?? (await find(store, keys.routes(name)))
  if (found === undefined)
    throw new NotFound(`There is no upstream ${name}: \`reliw upstream list\` lists them.`)
  const { key, value, upstream } = found
  keys.check(key, Buffer.from(JSON.stringify(value)))
  const { targets } = Upstream.parse(upstream)
  const at = indexOf(targets, upstream, text)
  const named = nameOfTarget(targets[at] as Target)
  if ((targets[at]?.drain === true) === isDrained) return { target: named, isChanged: false }
  const isLast = targets.every(({ drain }, other) => other === at || drain === true)
  if (isDrained && isLast && !isForced)
    throw new Conflict(
      `${named} is the last target in use: without it, all requests get 503. Use --force to drain it.`
    )
  change(upstream, at, isDrained)
  await writeValue(store, { key, value: Buffer.from(JSON.stringify(value)) })
  return { target: named, isChanged: true }
}

/** A target as metrics and logs name it: `host:port`, or the path of a Unix socket. */
export function nameOfTarget({ path, host, port }: Target): string {
  return path ?? `${host}:${port}`
}

async function find({ driver, keys }: Store, key: string): Promise<Found | undefined> {
  const value = parseJson(await driver.get(key).catch(otherType))
  if (!isObject(value)) return undefined
  if (key.startsWith(keys.proxy(''))) return { key, value, upstream: value }
  const { proxy } = value
  return isObject(proxy) ? { key, value, upstream: proxy } : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The position of the target that a text names: as it is written, or as metrics and logs name it. */
function indexOf(
  targets: readonly Target[],
  { scheme, port }: Record<string, unknown>,
  text: string
): number {
  const { data } = Upstream.safeParse({ target: text, scheme, port })
  const names = targets.map(nameOfTarget)
  const [own] = data?.targets.map(nameOfTarget) ?? []
  const at = names.indexOf(text)
  const found = at === -1 && own !== undefined ? names.indexOf(own) : at
  if (found !== -1) return found
  throw new NotFound(`"${text}" is no target of the upstream. Its targets: ${names.join(', ')}`)
}

/** Writes the state into the JSON of an upstream. */
function change(upstream: Record<string, unknown>, at: number, isDrained: boolean): void {
  const { target, targets } = upstream
  const all: unknown[] = Array.isArray(targets) ? [...(targets as unknown[])] : [target]
  const written = all[at]
  const { drain: _drain, ...rest } = isObject(written) ? written : { target: written }
  const isPlain = !isDrained && Object.keys(rest).length === 1
  all[at] = isPlain ? rest['target'] : isDrained ? { ...rest, drain: true } : rest
  delete upstream['target']
  upstream['targets'] = all
}
