import { idleBesideProxy, Settings, splitHost, type Store } from '@reliw/model'
import { findTakenBy } from './claims.ts'
import { findMissingList } from './client-references.ts'
import { findGap, findGapBeside } from './find-gaps.ts'
import { parseJson } from '../parse-json.ts'

/**
 * A message for settings of a site that have no effect beside an upstream for the whole host; undefined when there are
 * none.
 */
export function describeConflict(key: string, settings: unknown): string | undefined {
  const { data } = Settings.safeParse(settings)
  const idle = data === undefined ? [] : idleBesideProxy(data)
  return idle.length === 0 ? undefined : `${key}: ${idle.join('; ')}`
}

/** A message for settings without effect beside the `PROXY:<host>` that is stored. */
export async function findIdle(
  store: Stored,
  key: string,
  value: Buffer | undefined
): Promise<string | undefined> {
  return (await isForwarded(store, key)) ? describeConflict(key, parseJson(value)) : undefined
}

/** Whether the host of a `SITE:<host>` has a `PROXY:<host>`. */
async function isForwarded({ driver, keys }: Stored, settings: string): Promise<boolean> {
  const host = settings.slice(keys.settings('').length)
  return (await driver.type(keys.proxy(host))) !== undefined
}

/**
 * A message for a value to be written that conflicts with stored values: `SITE:<host>` with a name that is taken, or
 * with settings without effect beside `PROXY:<host>`; an entry with `auth` beside `PROXY:<host>`; the reverse of both; a rule
 * that refers to a list that is not stored; or an `auth` rule that needs something that its host does not have.
 */
export async function findConflict(
  { driver, keys }: Store,
  key: string,
  value: Buffer | undefined
): Promise<string | undefined> {
  const [settings, proxy] = [keys.settings(''), keys.proxy('')]
  const missing = await findMissingList({ driver, keys }, key, parseJson(value))
  if (missing !== undefined) return missing
  if (key.startsWith(settings)) {
    const taken = await findTakenBy({ driver, keys }, key, value)
    if (taken !== undefined) return taken
    return (await isForwarded({ driver, keys }, key))
      ? describeConflict(key, parseJson(value))
      : findGapBeside({ driver, keys }, key, value)
  }
  if (key.startsWith(keys.routes(''))) {
    const { name } = splitHost(key.slice(keys.routes('').length))
    if (name === undefined) return findGapBeside({ driver, keys }, key, value)
    return (
      (await findUnguarded({ driver, keys }, key, value)) ?? findGap({ driver, keys }, key, value)
    )
  }
  if (!key.startsWith(proxy)) return undefined
  const host = key.slice(proxy.length)
  const own = keys.settings(host)
  const conflict = describeConflict(own, parseJson(await driver.get(own)))
  return conflict ?? findOpened({ driver, keys }, host)
}

type Stored = Pick<Store, 'driver' | 'keys'>

/**
 * security: on a host whose requests all go to an upstream, an entry with `auth`, `allow_from` or `deny_from` guards
 * nothing, and anyone can pass it.
 */
async function findUnguarded(
  { driver, keys }: Stored,
  key: string,
  entry: Buffer | undefined
): Promise<string | undefined> {
  const guard = guardOf(entry)
  if (guard === undefined) return undefined
  const { host } = splitHost(key.slice(keys.routes('').length))
  if ((await driver.type(keys.proxy(host))) === undefined) return undefined
  return `${key}: ${guard}: no effect beside ${keys.proxy(host)}, which forwards every request: ${instead(guard)}`
}

/** The same for stored entries, when their host is to get an upstream. */
async function findOpened({ driver, keys }: Stored, host: string): Promise<string | undefined> {
  for await (const batch of driver.keys(keys.entry(host, ''), 1000)) {
    for (const key of batch) {
      if ((await driver.type(key)) !== 'string') continue
      const guard = guardOf(await driver.get(key))
      if (guard !== undefined)
        return `${keys.proxy(host)}: it would forward every request, bypassing the ${guard} of ${key}: give that entry a proxy instead`
    }
  }
  return undefined
}

/** The field of an entry that refuses requests; undefined if it has none. */
function guardOf(entry: Buffer | undefined): string | undefined {
  const value = parseJson(entry)
  if (!(value instanceof Object)) return undefined
  return ['auth', 'allow_from', 'deny_from'].find((field) => field in value)
}

function instead(guard: string): string {
  return guard === 'auth'
    ? 'give the entry a proxy instead'
    : 'give the entry a proxy instead, or the rule to SITE:<host>'
}
