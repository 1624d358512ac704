import { channel } from 'node:diagnostics_channel'
import type { Publisher } from '@reliw/options'

/** What other packages tell, without `reliw.`. */
export const CHANNELS = [
  'connection.refused',
  'waf.verdict',
  'waf.examined',
  'auth.login',
  'auth.failure',
  'auth.logout',
  'access.refused',
  'access.fetched',
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

/** Publishes events of an app or a store as the package that has the channel does. */
export function publishAs(publisher: Publisher, name: string, ...events: readonly object[]): void {
  for (const event of events) channel(`reliw.${name}`).publish({ publisher, ...event })
}
