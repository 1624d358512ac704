import type { Deadlines } from '../deadlines.ts'
import type { Group } from '../upstream/group.ts'
import type { ClientBody } from './client-body.ts'

/**
 * Longest time for which a body of unknown length is held, in milliseconds: its client may wait for a response to the
 * part already sent.
 */
const PATIENCE = 1000
/** Longest pause in a body of known length before its beginning is sent on, in milliseconds. */
const LONGEST_PAUSE = 2000

/** The part of a body's interface that is used here. */
export type GatheredBody = Pick<
  ClientBody,
  'client' | 'gather' | 'isBlocked' | 'isOwed' | 'isReady' | 'length' | 'readOn'
>

/**
 * The action when the deadline has passed: `send` what has arrived; `wait` longer; `silent`: the client has sent
 * nothing for too long; `held up`: the body has waited all that time for memory or for a connection.
 */
export type Due = 'send' | 'wait' | 'silent' | 'held up'

/** The wait until a body is worth a connection: its client may be slow, and other requests need connections. */
export class Gathering {
  /** The time to call `due()`, by the clock. */
  deadline = Infinity
  /** The time until which the body may be gathered. */
  #patience = Infinity
  /** The time from which the client has been silent for too long. */
  #silentAt = Infinity
  /** Whether the body should have been sent, but others have used up the memory or the connections for bodies. */
  #isHeldUp = false
  readonly #body: GatheredBody
  readonly #idle: number
  readonly #clock: Pick<Deadlines, 'after'>
  readonly #group: Pick<Group, 'hasRoomForUpload'>

  /** @param idle how long the client may be silent, in milliseconds */
  constructor(
    body: GatheredBody,
    idle: number,
    clock: Pick<Deadlines, 'after'>,
    group: Pick<Group, 'hasRoomForUpload'>
  ) {
    this.#body = body
    this.#idle = idle
    this.#clock = clock
    this.#group = group
  }

  /**
   * Begins to read the body.
   *
   * @returns whether the body is already worth a connection
   */
  begin(): boolean {
    this.#patience = this.#after(PATIENCE)
    this.#body.gather()
    return this.progress()
  }

  /**
   * Part of the body has arrived.
   *
   * @returns whether the body is worth a connection now
   */
  progress(): boolean {
    const { isReady, length, isBlocked } = this.#body
    if (isReady) return true
    if (length !== undefined && !isBlocked) this.#patience = this.#after(LONGEST_PAUSE)
    this.#silentAt = this.#clock.after(this.#idle)
    this.deadline = Math.min(this.#silentAt, this.#patience)
    return false
  }

  /** The action at a time past the deadline. */
  due(now: number): Due {
    if (now < this.#patience) return this.#isHeldUp ? 'held up' : 'silent'
    const { isBlocked, isOwed, length } = this.#body
    // Reading is paused because the memory is used up: the client is not to blame, and a connection would not help.
    if (isBlocked && this.#body.readOn()) return this.progress() ? 'send' : 'wait'
    if (!isBlocked && !isOwed && this.#group.hasRoomForUpload(this.#body.client)) return 'send'
    this.#isHeldUp = isBlocked || length === undefined
    this.#patience = now < this.#silentAt ? this.#after(PATIENCE) : Infinity
    this.deadline = Math.min(this.#silentAt, this.#patience)
    return 'wait'
  }

  /** Patience ends well before the client counts as silent. */
  #after(ms: number): number {
    return this.#clock.after(Math.min(ms, this.#idle / 2))
  }
}
