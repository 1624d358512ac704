import { loadConfig } from '../load-config.ts'
import { beginMaintenance, endMaintenance } from '../operations/maintenance.ts'
import { say, type Shell } from '../shell.ts'
import { readSiteName } from './arguments.ts'
import { publishAudit } from './publish-audit.ts'
import { withStore } from './with-store.ts'

interface Configured {
  config?: string
}

interface OnOptions extends Configured {
  message?: string
  retryAfter?: string
  allowFrom?: string
  hold?: string
}

/** `reliw maintenance on HOST` */
export async function begin(shell: Shell, given: string, options: OnOptions): Promise<void> {
  const host = readSiteName(given)
  const { config, message, retryAfter, allowFrom, hold } = options
  await withStore(loadConfig(config, shell), async (store) => {
    const fields = { message, retry_after: retryAfter, allow_from: allowFrom, hold }
    const isGiven = Object.entries(fields).filter(([, value]) => value !== undefined)
    await beginMaintenance(store, host, Object.fromEntries(isGiven))
    await publishAudit(store, { event: 'maintenance begun', host })
  })
  say(shell, `${host}: in maintenance`)
}

/** `reliw maintenance off HOST`: exit 1 when the site is not in maintenance. */
export async function end(shell: Shell, given: string, { config }: Configured): Promise<void> {
  const host = readSiteName(given)
  await withStore(loadConfig(config, shell), async (store) => {
    await endMaintenance(store, host)
    await publishAudit(store, { event: 'maintenance ended', host })
  })
  say(shell, `${host}: no longer in maintenance`)
}
