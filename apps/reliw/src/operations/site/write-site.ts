import { ANY_HOST, type Store } from '@reliw/model'
import type { CheckedSite } from './check-sites.ts'
import { keysOfSite } from './keys-of-site.ts'

/**
 * Writes a site to the store. Stored parts that the document does not mention are deleted, except users. API keys,
 * sessions, counters and ACME tokens stay.
 */
export async function writeSite(
  store: Store,
  { site, operations: own }: CheckedSite
): Promise<void> {
  const operations = [...own]
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
