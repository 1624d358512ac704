import { join, resolve } from 'node:path'
import { directoryOf } from '@reliw/options'
import { loadConfig } from '../load-config.ts'
import { findHosts } from '../operations/site/keys-of-site.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { withStore } from './with-store.ts'
import { writeSiteFolder } from './write-site-folder.ts'

/** `reliw export [HOST…] --out FOLDER` */
export async function exportSites(
  shell: Shell,
  hosts: string[],
  options: { config?: string; out: string }
): Promise<void> {
  await withStore(loadConfig(options.config, shell), async (store) => {
    const known = await findHosts(store)
    const unknown = hosts.filter((host) => !known.includes(host))
    if (unknown.length > 0) throw new UsageError(`The store has no site ${unknown.join(', ')}.`)
    if (known.length === 0) say(shell, 'The store has no sites.')
    for (const host of hosts.length > 0 ? hosts : known) {
      await writeSiteFolder(store, host, resolve(shell.cwd(), options.out))
      say(shell, `${host}: ${join(options.out, directoryOf(host))}`)
    }
  })
}
