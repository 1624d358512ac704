import { setTimeout as delay } from 'node:timers/promises'
import type { Family } from './family.ts'

/** How long other processes may take to respond, in milliseconds: a scrape has a few seconds. */
const TIMEOUT = 3000

/** Collects the metrics of other processes; empty without `peers`. Rejects when they take too long. */
export async function readPeers(
  peers: (() => Promise<readonly (readonly Family[])[]>) | undefined
): Promise<readonly (readonly Family[])[]> {
  if (peers === undefined) return []
  const controller = new AbortController()
  const timeout = delay(TIMEOUT, undefined, { signal: controller.signal }).then(() => {
    throw new Error('other processes did not respond in time')
  })
  timeout.catch(() => undefined)
  try {
    return await Promise.race([timeout, peers()])
  } finally {
    controller.abort()
  }
}
