import { channel } from 'node:diagnostics_channel'

/** What other packages tell, without `reliw.`. */
export const CHANNELS = [
  'waf.verdict',
  'waf.examined',
  'auth.login',
  'auth.failure',
  'auth.logout',
  'limits.exceeded',
  'limits.refused',
  'limits.banned',
  'upstream.attempt',
  'upstream.retry',
  'upstream.outcome',
  'upstream.circuit',
  'upstream.health',
  'store.operation',
  'store.rejected'
]

/** Tells messages as the package that has the channel does. */
export function publish(name: string, ...messages: readonly unknown[]): void {
  for (const message of messages) channel(`reliw.${name}`).publish(message)
}
