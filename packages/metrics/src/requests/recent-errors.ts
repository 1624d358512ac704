import { guarded, once } from '@reliw/options'

/** Milliseconds between two notes, and how many are kept: five minutes. */
const STEP = 10_000
const STEPS = 30

interface Totals {
  readonly total: number
  readonly errors: number
}

/** How many of the requests of the last five minutes ended with 500 or more. */
export class RecentErrors {
  readonly #totals: () => Totals
  readonly #notes: Totals[]
  readonly #timer: NodeJS.Timeout

  /**
   * @param totals counts since the beginning
   * @param onFault told, once, that they could not be noted
   */
  constructor(totals: () => Totals, onFault: (error: unknown) => void) {
    this.#totals = totals
    this.#notes = [totals()]
    this.#timer = setInterval(
      guarded(() => this.note(), once(onFault)),
      STEP
    ).unref()
  }

  note(): void {
    if (this.#notes.push(this.#totals()) > STEPS) this.#notes.shift()
  }

  /** Requests, and the share of errors among them: from 0 to 1. */
  get recent(): { requests: number; error_rate: number } {
    const now = this.#totals()
    const then = this.#notes[0] ?? now
    const requests = now.total - then.total
    return { requests, error_rate: requests === 0 ? 0 : (now.errors - then.errors) / requests }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
