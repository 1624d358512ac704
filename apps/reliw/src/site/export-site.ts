import { chmod, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Store } from '@reliw/model'
import { makeDirectory, normalizeHost } from '@reliw/options'
import { UsageError } from '../report-failure.ts'
import { DOCUMENT } from './read-site.ts'

type Json = Record<string, unknown>

/**
 * Writes a site to a folder of its name, as import takes it. The document holds password hashes: only its
 * owner may read it.
 *
 * @throws UsageError when a stored value cannot be written as it is
 */
export async function exportSite(store: Store, host: string, out: string): Promise<void> {
  const { driver, keys } = store
  if (normalizeHost(host) !== host)
    throw new UsageError(`"${host}" in ${keys.routes(host)} is no host: delete it first.`)
  const folder = join(out, host)
  makeDirectory(folder)
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
    await writeWithin(join(folder, 'files'), name, content)
    if (mime !== undefined) types[name] = mime.toString()
    if (title?.length) titles[name] ??= title.toString()
  }
  for await (const [name, key] of named(store, keys.data(host, ''))) {
    const value = await driver.get(key)
    const isToken = name.startsWith('.well-known/')
    if (value !== undefined && !isToken) await writeWithin(join(folder, 'data'), name, value)
  }
  const document = {
    host,
    routes: await json(driver.get(keys.routes(host)), keys.routes(host)),
    entries,
    settings: await json(driver.get(keys.settings(host)), keys.settings(host)),
    titles,
    types,
    users: await users(store, host),
    proxy: await json(driver.get(keys.proxy(host)), keys.proxy(host)),
    waf: await json(driver.hashField(keys.waf(), host), keys.waf())
  }
  const text = `${JSON.stringify(document, null, 2)}\n`
  await writeForOwner(join(folder, DOCUMENT), text)
}

/** security: a file that was there keeps its mode, and so would hashes in it be for everybody. */
async function writeForOwner(path: string, text: string): Promise<void> {
  await writeFile(path, '', { mode: 0o600 })
  await chmod(path, 0o600)
  await writeFile(path, text)
}

/** What follows a prefix in each key that begins with it. */
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
    throw new UsageError(`${key} is not JSON: mend or delete it first.`)
  }
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

/** Names come from the store: none of them leads out of the folder. */
async function writeWithin(folder: string, name: string, content: Buffer): Promise<void> {
  const path = join(folder, name)
  if (!path.startsWith(folder + sep))
    throw new UsageError(`${name} leads out of the site: delete it first.`)
  makeDirectory(dirname(path))
  await writeFile(path, content)
}
