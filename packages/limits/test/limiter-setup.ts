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
  /** What it told, in order. */
  told: { isShared: boolean; cause: unknown }[]
  /** How often the driver was asked. */
  asked: () => number
  /** Uses budgets until the store has counted. */
  share: () => Promise<void>
}

/** A limiter that others are told of. */
export function setUp(store: Store): Setup {
  let asked = 0
  const told: Setup['told'] = []
  const limiter = new Limiter({
    driver: {
      take(takes) {
        asked++
        return store.driver.take(takes)
      }
    },
    isConnected: () => store.connected,
    onChange: (isShared, cause) => told.push({ isShared, cause })
  })
  const share: Setup['share'] = async () => {
    await waitFor(async () => {
      const { fallbacks } = limiter
      await limiter.take([{ ...two, key: 'RLW:LIMITS:a:other' }])
      return limiter.isShared && limiter.fallbacks === fallbacks
    }, 'the store to count')
  }
  return { limiter, told, asked: () => asked, share }
}

/** Expects that it told of changes in turns, never twice the same, and of this one last. */
export function isToldOnce(t: Test, told: Setup['told'], isShared: boolean): void {
  t.equal(told.at(-1)?.isShared, isShared)
  for (const [at, one] of told.entries()) t.equal(one.isShared, at % 2 === 1)
}
