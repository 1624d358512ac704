import type { Store } from '@reliw/store'

/** Has every running server write an audit line of what was done at the command line. */
export async function publishAudit(
  { driver, keys }: Store,
  audit: Readonly<Record<string, string | number>>
): Promise<void> {
  await driver.publish(keys.channel('CTL'), JSON.stringify({ audit: { ...audit, by: 'cli' } }))
}
