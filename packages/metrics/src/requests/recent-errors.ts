import { guarded, once } from '@reliw/options'

/** Milliseconds between two snapshots of the totals, and the number of snapshots kept: five minutes. */
const STEP = 10_000
const STEPS = 30

interface Totals {
  readonly total: number
  readonly errors: number
}

/** Number of requests in the last five minutes, and the share of them that ended with a status of 500 or more. */
export class RecentErrors {
  readonly #totals: () => Totals
  readonly #snapshots: Totals[]
  readonly #timer: NodeJS.Timeout

  /**
   * @param totals counts since the start of the process
   * @param onFault called once, when the totals cannot be recorded
   */
  constructor(totals: () => Totals, onFault: (error: unknown) => void) {
    this.#totals = totals
    this.#snapshots = [totals()]
    this.#timer = setInterval(
      guarded(() => this.record(), once(onFault)),
      STEP
    ).unref()
  }

  record(): void {
    if (this.#snapshots.push(this.#totals()) > STEPS) this.#snapshots.shift()
  }

  /** Requests, and the share of errors among them: from 0 to 1. */
  get recent(): { requests: number; error_rate: number } {
    const now = this.#totals()
    const then = this.#snapshots[0] ?? now
    const requests = now.total - then.total
    return { requests, error_rate: requests === 0 ? 0 : (now.errors - then.errors) / requests }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
