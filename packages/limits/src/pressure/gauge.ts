import { levelOf, type PressureLevel } from './level.ts'
import { worstOf, type Resource, type Shares } from './resources.ts'

/** How near the process is to its limits, as of the last look. Plain fields: reading is free. */
export interface Pressure {
  /** Of the resource of which most is used. */
  readonly level: PressureLevel
  /** Nothing before the first look. */
  readonly shares: Shares
  /** Whether what can be put off should be: `reduced` or `overloaded`. */
  readonly isReduced: boolean
  /** Whether what can be refused should be. */
  readonly isOverloaded: boolean
}

/**
 * Told once per change of the level, in either direction.
 *
 * @param resource of which most is used now
 * @param share of its limit, from 0 to 1
 */
export type OnChange = (level: PressureLevel, resource: Resource, share: number) => void

/** Keeps what was found at the last look. */
export class Gauge implements Pressure {
  level: PressureLevel = 'normal'
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
    const share = shares[worst] ?? 0
    const level = levelOf(share)
    if (level === this.level) return
    this.level = level
    this.isOverloaded = level === 'overloaded'
    this.isReduced = this.isOverloaded || level === 'reduced'
    this.#onChange?.(level, worst, share)
  }
}
