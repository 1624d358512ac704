import { Buckets } from '../histogram.ts'
import { KINDS, METHODS } from './labels.ts'

/** Largest number of distinct outcomes per host; further ones are distinguished by class of status alone. */
const MAX_OUTCOMES = 200
const BY_CODE = METHODS.length * KINDS.length
const OTHER_METHOD = METHODS.length - 1

/** Requests with the same method, status and kind of entry. */
export class Outcome extends Buckets {
  readonly code: number
  readonly method: number
  readonly kind: number
  count = 0
  /** How many of `count` were passed on to be written to the store. */
  written = 0

  constructor(code: number, method: number, kind: number, bounds: readonly number[]) {
    super(bounds)
    this.code = code
    this.method = method
    this.kind = kind
  }
}

/** Counts of one host: plain numbers, one look-up per request. */
export class SiteRequests {
  readonly host: string
  readonly outcomes = new Map<number, Outcome>()
  /** Requests by path that wait to be written to the store; undefined while none were counted. */
  paths: Map<string, { waiting: number }> | undefined
  received = 0
  sent = 0
  /** Whether there are counts to write. */
  isDirty = false

  constructor(host: string) {
    this.host = host
  }

  /**
   * @param code from 100 to 599
   * @param method see `METHODS`
   * @param kind see `KINDS`
   */
  observe(
    code: number,
    method: number,
    kind: number,
    seconds: number,
    bounds: readonly number[]
  ): void {
    this.isDirty = true
    let key = code * BY_CODE + method * KINDS.length + kind
    let outcome = this.outcomes.get(key)
    if (outcome === undefined) {
      if (this.outcomes.size >= MAX_OUTCOMES) {
        const ofClass = code - (code % 100)
        key = ofClass * BY_CODE + OTHER_METHOD * KINDS.length
        outcome = this.outcomes.get(key) ?? new Outcome(ofClass, OTHER_METHOD, 0, bounds)
      } else outcome = new Outcome(code, method, kind, bounds)
      this.outcomes.set(key, outcome)
    }
    outcome.count++
    outcome.observe(seconds)
  }
}
