import type { TestContext } from '@reliw/testing'

type End = () => unknown

/** Stands in for a test where a program starts what helpers start for tests. */
export class Scope {
  readonly #ends: End[] = []
  /** What helpers take. */
  readonly context: TestContext = {
    teardown: (end: End) => void this.#ends.push(end)
  }

  /** Ends all that was started, the latest first. */
  async close(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end()
  }
}
