import { levelOf, type PressureLevel } from './level.ts'
import { type Resource, type Shares, worstOf } from './resources.ts'

/** How close the process was to its limits at the last check. Plain fields: reading them costs nothing. */
export interface Pressure {
  /** The level of the most used resource. */
  readonly level: PressureLevel
  /** The resource that determines the level; undefined while the level is `normal`. */
  readonly cause: Resource | undefined
  /** Empty before the first check. */
  readonly shares: Shares
  /** Whether deferrable work should be deferred: the level is `reduced` or `overloaded`. */
  readonly isReduced: boolean
  /** Whether requests should be refused: the level is `overloaded`. */
  readonly isOverloaded: boolean
}

/**
 * Called once per change of the level, in either direction, and when another resource starts to determine it.
 *
 * @param resource the resource that determines the level
 * @param share used share of its limit, from 0 to 1
 */
export type OnChange = (level: PressureLevel, resource: Resource, share: number) => void

/** Holds the result of the last check. */
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
    // The resource stays the same while it is at the level: two resources that alternate are not reported each time.
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
