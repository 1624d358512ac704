import type { Store } from '@reliw/model'
import { normalizeSiteName } from '@reliw/options'
import { Conflict, NotFound } from '../errors.ts'
import { listsIn, rulesIn } from './client-references.ts'
import { hasSite } from './keys-of-site.ts'
import type { WrittenSite } from './site-document.ts'

type Json = Record<string, unknown>

/** Receives one file, or one value of `data`, at a time; the next one is read after it settles. */
export type TakeContent = (kind: 'files' | 'data', name: string, content: Buffer) => Promise<void>

/**
 * Reads a site in the form that import takes. The result contains password hashes and the secrets in its settings.
 *
 * security: an attacker with access to the store may name a file `/../x`. Names are passed on as stored; the host is
 * checked.
 *
 * @returns the document without the contents that were passed to `take`
 * @throws NotFound; Conflict when a stored value cannot be exported as it is
 */
export async function exportSite(
  store: Store,
  host: string,
  take: TakeContent
): Promise<WrittenSite> {
  const { driver, keys } = store
  if (normalizeSiteName(host) !== host)
    throw new Conflict(`"${host}" in ${keys.routes(host)} is not a valid host: delete it first.`)
  if (!(await hasSite(store, host))) throw new NotFound(`The store has no site ${host}.`)
  const entries: Json = {}
  for await (const [id, key] of named(store, keys.entry(host, ''))) {
    entries[id] = await json(driver.get(key), key)
  }
  const titles = texts(await driver.hash(keys.titles(host)))
  const types: Record<string, string> = {}
  for await (const [file, key] of named(store, keys.file(host, ''))) {
    const { content, mime, title } = (await driver.hash(key)) ?? {}
    if (content === undefined) continue
    const name = file.startsWith('/') ? file : `/${file}`
    await take('files', name, content)
    if (mime !== undefined) types[name] = mime.toString()
    if (title?.length) titles[name] ??= title.toString()
  }
  for await (const [name, key] of named(store, keys.data(host, ''))) {
    const value = await driver.get(key)
    const isToken = name.startsWith('.well-known/')
    if (value !== undefined && !isToken) await take('data', name, value)
  }
  const settings = await json(driver.get(keys.settings(host)), keys.settings(host))
  const rules = [
    rulesIn(keys, keys.settings(host), settings),
    ...Object.entries(entries).map(([id, entry]) => rulesIn(keys, keys.entry(host, id), entry))
  ]
  return {
    host,
    routes: (await json(driver.get(keys.routes(host)), keys.routes(host))) as unknown[],
    entries,
    settings,
    lists: await lists(store, rules.flatMap(listsIn)),
    titles,
    types,
    users: await users(store, host),
    proxy: await json(driver.get(keys.proxy(host)), keys.proxy(host)),
    waf: await json(driver.hashField(keys.waf(), host), keys.waf())
  }
}

/** All keys with a prefix, each with its name: the key without the prefix. */
async function* named(
  { driver }: Store,
  prefix: string
): AsyncIterable<[name: string, key: string]> {
  for await (const batch of driver.keys(prefix, 1000)) {
    for (const key of batch) yield [key.slice(prefix.length), key]
  }
}

async function json(value: Promise<Buffer | undefined>, key: string): Promise<unknown> {
  const raw = await value
  if (raw === undefined) return undefined
  try {
    return JSON.parse(raw.toString())
  } catch {
    throw new Conflict(`${key} is not JSON: correct or delete it first.`)
  }
}

/** The lists that the rules of the site refer to, as operators wrote them; not what was fetched for them. */
async function lists({ driver, keys }: Store, names: readonly string[]): Promise<Json | undefined> {
  const all: Json = {}
  for (const name of new Set(names)) {
    const list = await json(driver.get(keys.list(name)), keys.list(name))
    if (list !== undefined) all[name] = list
  }
  return Object.keys(all).length === 0 ? undefined : all
}

async function users({ driver, keys }: Store, host: string): Promise<Json | undefined> {
  const fields = await driver.hash(keys.users(host))
  if (fields === undefined) return undefined
  const all: Json = {}
  for (const [name, value] of Object.entries(fields)) {
    all[name] = await json(Promise.resolve(value), `${keys.users(host)} ${name}`)
  }
  return all
}

function texts(fields: Record<string, Buffer> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.toString()]))
}
