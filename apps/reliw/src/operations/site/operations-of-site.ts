import { createHash } from 'node:crypto'
import type { Operation, Store } from '@reliw/model'
import type { Site } from './site-document.ts'

/**
 * The operations that store a site. Routes come last: where a write is not one transaction, routes then only lead to
 * what has been written.
 */
export function operationsOf(keys: Store['keys'], site: Site): Operation[] {
  const { host } = site
  const operations: Operation[] = []
  for (const [file, content] of Object.entries(site.files)) {
    const key = keys.file(host, file)
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
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
  for (const [name, list] of Object.entries(site.lists)) json(keys.list(name), list)
  json(keys.settings(host), site.settings)
  json(keys.proxy(host), site.proxy)
  for (const [id, entry] of Object.entries(site.entries)) json(keys.entry(host, id), entry)
  json(keys.routes(host), site.routes)
  return operations
}

function stringified(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])
  )
}
