import type { Store, Take } from '@reliw/model'
import { waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import { Limiter } from '../src/rates/limiter.ts'

/** A use of a budget of two a day. */
export const two: Take = {
  key: 'RLW:LIMITS:a:two',
  algorithm: 'fixed',
  limit: 2,
  period: 86_400_000
}

/** A limiter before a store, and what it does. */
export interface Setup {
  limiter: Limiter
  /** Its reports, in order. */
  reports: { isShared: boolean; cause: unknown }[]
  /** Number of calls of the driver. */
  calls: () => number
  /** Uses budgets until the store has counted. */
  share: () => Promise<void>
}

/** A limiter whose reports are recorded. */
export function setUp(store: Store): Setup {
  let calls = 0
  const reports: Setup['reports'] = []
  const limiter = new Limiter({
    driver: {
      take(takes) {
        calls++
        return store.driver.take(takes)
      }
    },
    isConnected: () => store.connected,
    onChange: (isShared, cause) => reports.push({ isShared, cause })
  })
  const share: Setup['share'] = async () => {
    await waitFor(async () => {
      const { fallbacks } = limiter
      await limiter.take([{ ...two, key: 'RLW:LIMITS:a:other' }])
      return limiter.isShared && limiter.fallbacks === fallbacks
    }, 'the store to count')
  }
  return { limiter, reports, calls: () => calls, share }
}

/** Expects alternating reports, never the same twice, this one last. */
export function isReportedOnce(t: Test, reports: Setup['reports'], isShared: boolean): void {
  t.equal(reports.at(-1)?.isShared, isShared)
  for (const [at, one] of reports.entries()) t.equal(one.isShared, at % 2 === 1)
}
