import { createHash } from 'node:crypto'
import { ANY_HOST, type Operation, type Store } from '@reliw/model'
import { authOfSite, describeGap } from './auth-gaps.ts'
import { describeConflict } from './conflicts.ts'
import { keysOfSite } from './keys-of-site.ts'
import { mistakeOf } from './mistake-of.ts'
import type { Site } from './site-document.ts'

/** Everything in a site that is wrong, as `key: mistake`. */
export function findMistakes({ keys }: Store, site: Site): string[] {
  const mistakes: string[] = []
  for (const operation of operationsOf(keys, site)) {
    for (const [field, value] of valuesOf(operation)) {
      const mistake = mistakeOf(() => keys.check(operation.key, Buffer.from(value), field))
      if (mistake !== undefined) mistakes.push(mistake)
    }
  }
  if (site.proxy !== undefined) {
    const conflict = describeConflict(keys.settings(site.host), site.settings)
    if (conflict !== undefined) mistakes.push(conflict)
  }
  mistakes.push(...findGaps(keys, site))
  for (const file of Object.keys(site.types)) {
    if (Object.hasOwn(site.files, file)) continue
    mistakes.push(`${keys.file(site.host, file)}: it has a type, and there is no such file`)
  }
  for (const route of site.routes ?? []) {
    const id = Array.isArray(route) ? String(route[1]) : ''
    if (id !== '' && !Object.hasOwn(site.entries, id)) {
      mistakes.push(`${keys.routes(site.host)}: there is no entry "${id}"`)
    }
  }
  return mistakes
}

/** Rules that need what the site does not have. */
function findGaps(keys: Store['keys'], site: Site): string[] {
  const auth = authOfSite(keys, site)
  const found = Object.entries(site.entries).map(([id, entry]) =>
    describeGap(keys, id, entry, auth)
  )
  return found.filter((gap) => gap !== undefined)
}

/** Makes the site in the store what the document says, in one transaction. */
export async function writeSite(store: Store, site: Site): Promise<void> {
  const operations = operationsOf(store.keys, site)
  const written = new Set(operations.map(({ key }) => key))
  const keepsUsers = site.users === undefined
  for await (const key of keysOfSite(store, site.host)) {
    const isUsers = key === store.keys.users(site.host)
    if (!(isUsers && keepsUsers) && !written.has(key)) operations.push({ op: 'delete', key })
  }
  if (site.waf === undefined && site.host !== ANY_HOST) {
    operations.push({ op: 'hdelete', key: store.keys.waf(), field: site.host })
  }
  await store.driver.write(operations)
}

/** What is seen last comes last: where a write is not one transaction, routes lead to what is there. */
function operationsOf(keys: Store['keys'], site: Site): Operation[] {
  const { host } = site
  const operations: Operation[] = []
  for (const [file, content] of Object.entries(site.files)) {
    const key = keys.file(host, file)
    const bytes = Buffer.from(content)
    const fields: Record<string, string | Buffer> = {
      content: bytes,
      hash: createHash('sha256').update(bytes).digest('hex'),
      size: String(bytes.length)
    }
    const type = site.types[file]
    if (type !== undefined) fields['mime'] = type
    operations.push({ op: 'delete', key }, { op: 'hset', key, fields })
  }
  for (const [name, value] of Object.entries(site.data)) {
    operations.push({ op: 'set', key: keys.data(host, name), value })
  }
  const json = (key: string, value: unknown): void => {
    if (value !== undefined) operations.push({ op: 'set', key, value: JSON.stringify(value) })
  }
  const hash = (key: string, fields: Record<string, string>): void => {
    if (Object.keys(fields).length > 0)
      operations.push({ op: 'delete', key }, { op: 'hset', key, fields })
  }
  hash(keys.titles(host), site.titles)
  if (site.users !== undefined) hash(keys.users(host), stringified(site.users))
  if (site.waf !== undefined)
    operations.push({ op: 'hset', key: keys.waf(), fields: stringified({ [host]: site.waf }) })
  json(keys.settings(host), site.settings)
  json(keys.proxy(host), site.proxy)
  for (const [id, entry] of Object.entries(site.entries)) json(keys.entry(host, id), entry)
  json(keys.routes(host), site.routes)
  return operations
}

function* valuesOf(operation: Operation): Iterable<[string, string | Buffer]> {
  if (operation.op === 'set') yield ['', operation.value]
  if (operation.op === 'hset') yield* Object.entries(operation.fields)
}

function stringified(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])
  )
}
