import type { Deadlines } from '../deadlines.ts'
import type { Group } from '../upstream/group.ts'
import type { ClientBody } from './client-body.ts'

/** How long a body of unknown length is held at most, in ms: its client may wait for an answer to what it sent. */
const PATIENCE = 1000
/** For how long nothing of a body of known length comes until its beginning is sent on, in milliseconds. */
const LONGEST_PAUSE = 2000

/** What is asked of the body. */
export type GatheredBody = Pick<
  ClientBody,
  'client' | 'gather' | 'isBlocked' | 'isOwed' | 'isReady' | 'length' | 'readOn'
>

/**
 * What is due when the deadline has passed: to send what is here, or to wait on; else the client has been silent
 * for too long, or the body has waited for room or for a connection all that time.
 */
export type Due = 'send' | 'wait' | 'silent' | 'held up'

/** The wait until a body is worth a connection: its client may be slow, and other requests need one. */
export class Gathering {
  /** When to ask what is due, by the clock. */
  deadline = Infinity
  /** Until when it may be gathered. */
  #patience = Infinity
  /** When its client has been silent for too long. */
  #silentAt = Infinity
  /** It should be on its way, but others like it have all the room, or all the connections, that they may have. */
  #isHeldUp = false
  readonly #body: GatheredBody
  readonly #idle: number
  readonly #clock: Pick<Deadlines, 'after'>
  readonly #group: Pick<Group, 'hasRoomForUpload'>

  /** @param idle how long its client may be silent, in milliseconds */
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

  /** Begins to read the body. @returns whether it is worth a connection as it is */
  begin(): boolean {
    this.#patience = this.#after(PATIENCE)
    this.#body.gather()
    return this.progress()
  }

  /** Something of the body has come. @returns whether it is worth a connection now */
  progress(): boolean {
    const { isReady, length, isBlocked } = this.#body
    if (isReady) return true
    if (length !== undefined && !isBlocked) this.#patience = this.#after(LONGEST_PAUSE)
    this.#silentAt = this.#clock.after(this.#idle)
    this.deadline = Math.min(this.#silentAt, this.#patience)
    return false
  }

  /** What is due at a time past the deadline. */
  due(now: number): Due {
    if (now < this.#patience) return this.#isHeldUp ? 'held up' : 'silent'
    const { isBlocked, isOwed, length } = this.#body
    // It is not read for want of room: no pause of its client's, and no reason to take a connection.
    if (isBlocked && this.#body.readOn()) return this.progress() ? 'send' : 'wait'
    if (!isBlocked && !isOwed && this.#group.hasRoomForUpload(this.#body.client)) return 'send'
    this.#isHeldUp = isBlocked || length === undefined
    this.#patience = now < this.#silentAt ? this.#after(PATIENCE) : Infinity
    this.deadline = Math.min(this.#silentAt, this.#patience)
    return 'wait'
  }

  /** Patience ends well before its client is late. */
  #after(ms: number): number {
    return this.#clock.after(Math.min(ms, this.#idle / 2))
  }
}
