import type { Store } from '@reliw/model'
import type { StoredSession } from '../operations/sessions.ts'

/** Tells all running servers to write an audit line for a change made at the command line. */
export async function publishAudit(
  { driver, keys }: Store,
  audit: Readonly<Record<string, string | number>>
): Promise<void> {
  await driver.publish(keys.channel('CTL'), JSON.stringify({ audit: { ...audit, by: 'cli' } }))
}

/** Publishes one audit message for each session that ended. */
export async function auditEnded(
  store: Store,
  host: string,
  sessions: readonly StoredSession[]
): Promise<void> {
  for (const { session } of sessions)
    await publishAudit(store, { event: 'revoke', host, user: session.user })
}
