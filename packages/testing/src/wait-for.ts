import { setTimeout as delay } from 'node:timers/promises'
import { HUNG_AFTER } from './hung.ts'

const POLL_MS = 5

/**
 * Waits for a state that no event announces: asks `check` every 5 ms until its result is neither
 * `undefined`, `null` nor `false`, and resolves to that result. A check that throws or rejects has
 * not succeeded yet.
 *
 * @param what is waited for, as the error names it
 * @param timeoutMs after which it rejects, with what the last check threw as its cause; by default when the test is hung
 */
export async function waitFor<T>(
  check: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  what: string,
  timeoutMs = HUNG_AFTER
): Promise<T> {
  let cause: unknown
  const attempt = async (): Promise<T | undefined | null | false> => {
    try {
      return await check()
    } catch (error) {
      cause = error
      return false
    }
  }
  const timeout = new AbortController()
  const late = delay(timeoutMs, 'late' as const, { signal: timeout.signal })
  late.catch(() => undefined)
  try {
    for (;;) {
      const result = await Promise.race([attempt().then((value) => ({ value })), late])
      if (result === 'late') throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause })
      const { value } = result
      if (value !== undefined && value !== null && value !== false) return value
      await delay(POLL_MS)
    }
  } finally {
    timeout.abort()
  }
}
