import type { Driver, Keyspace } from '@reliw/model'
import type { DriverEvents } from './driver-events.ts'
import type { StoreSettings } from './options.ts'

/** Opens the driver that the settings select; the libraries of the other driver are not loaded. */
export async function openDriver(
  { redis, dir }: StoreSettings,
  keys: Keyspace,
  events: DriverEvents,
  probesDisk: boolean
): Promise<Driver> {
  if (redis === undefined) {
    const { openEmbedded } = await import('./embedded/driver.ts')
    return openEmbedded(dir, keys.isTracked, events, probesDisk)
  }
  const { openRedis } = await import('./redis/driver.ts')
  return openRedis(redis, keys.trackedPrefixes, events)
}
