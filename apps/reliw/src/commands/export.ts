import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { exportSite } from '../site/export-site.ts'
import { findHosts } from '../site/keys-of-site.ts'
import { withStore } from './with-store.ts'

/** `reliw export [HOST…] --out FOLDER` */
export async function exportSites(
  hosts: string[],
  options: { config?: string; out: string }
): Promise<void> {
  await withStore(loadConfig(options.config), async (store) => {
    const known = await findHosts(store)
    const unknown = hosts.filter((host) => !known.includes(host))
    if (unknown.length > 0) throw new UsageError(`There is no site ${unknown.join(', ')}.`)
    for (const host of hosts.length > 0 ? hosts : known) {
      process.stdout.write(`${host}: ${await exportSite(store, host, options.out)}\n`)
    }
  })
}
