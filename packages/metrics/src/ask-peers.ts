import { setTimeout as delay } from 'node:timers/promises'
import type { Family } from './family.ts'

/** How long other processes may take to respond, in milliseconds: a scrape has a few seconds. */
const PATIENCE = 3000

/** Collects the metrics of other processes; empty without `peers`. Rejects when they take too long. */
export async function askPeers(
  peers: (() => Promise<readonly (readonly Family[])[]>) | undefined
): Promise<readonly (readonly Family[])[]> {
  if (peers === undefined) return []
  const patience = new AbortController()
  const late = delay(PATIENCE, undefined, { signal: patience.signal }).then(() => {
    throw new Error('other processes did not answer in time')
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([late, peers()])
  } finally {
    patience.abort()
  }
}
