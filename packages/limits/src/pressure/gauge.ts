import { levelOf, type PressureLevel } from './level.ts'
import { type Resource, type Shares, worstOf } from './resources.ts'

/** How near the process is to its limits, as of the last look. Plain fields: reading is free. */
export interface Pressure {
  /** Of the resource of which most is used. */
  readonly level: PressureLevel
  /** The resource that the level is of; undefined while it is `normal`. */
  readonly cause: Resource | undefined
  /** Nothing before the first look. */
  readonly shares: Shares
  /** Whether what can be put off should be: `reduced` or `overloaded`. */
  readonly isReduced: boolean
  /** Whether what can be refused should be. */
  readonly isOverloaded: boolean
}

/**
 * Told once per change of the level, in either direction, and when another resource holds the level from now on.
 *
 * @param resource that the level is of
 * @param share of its limit, from 0 to 1
 */
export type OnChange = (level: PressureLevel, resource: Resource, share: number) => void

/** Keeps what was found at the last look. */
export class Gauge implements Pressure {
  level: PressureLevel = 'normal'
  cause: Resource | undefined
  shares: Shares = {}
  isReduced = false
  isOverloaded = false
  readonly #onChange: OnChange | undefined

  constructor(onChange?: OnChange) {
    this.#onChange = onChange
  }

  update(shares: Shares): void {
    this.shares = shares
    const worst = worstOf(shares)
    const level = levelOf(shares[worst] ?? 0)
    const before = this.cause
    // The same as before for as long as it holds the level: two that take turns are not told of each time.
    const isHeld = before !== undefined && levelOf(shares[before] ?? 0) === level
    const resource = isHeld ? before : worst
    this.cause = level === 'normal' ? undefined : resource
    if (level === this.level && this.cause === before) return
    this.level = level
    this.isOverloaded = level === 'overloaded'
    this.isReduced = this.isOverloaded || level === 'reduced'
    this.#onChange?.(level, resource, shares[resource] ?? 0)
  }
}
