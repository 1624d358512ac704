import type { Store } from '@reliw/model'
import type { StoredSession } from '../operations/sessions.ts'

/** Has every running server write an audit line of what was done at the command line. */
export async function publishAudit(
  { driver, keys }: Store,
  audit: Readonly<Record<string, string | number>>
): Promise<void> {
  await driver.publish(keys.channel('CTL'), JSON.stringify({ audit: { ...audit, by: 'cli' } }))
}

/** The same of sessions that ended: a line for each. */
export async function auditEnded(
  store: Store,
  host: string,
  sessions: readonly StoredSession[]
): Promise<void> {
  for (const { session } of sessions)
    await publishAudit(store, { event: 'revoke', host, user: session.user })
}
