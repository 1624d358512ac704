/** Of a share, what one client may have. */
const OF_ONE = 1 / 2

/**
 * A part of an origin's connections that requests of a kind may have, so that others find some. At least one.
 *
 * security: one client may have half of it at most, or it would keep all others from uploading.
 */
export class Share {
  readonly #part: number
  readonly #places: () => number
  #taken = 0
  /** By client, of those that have any. */
  readonly #takenBy = new Map<string, number>()

  /**
   * @param part from 0 to 1
   * @param places how many there are for all kinds; they change
   */
  constructor(part: number, places: () => number) {
    this.#part = part
    this.#places = places
  }

  get taken(): number {
    return this.#taken
  }

  /** How many there may be. */
  get most(): number {
    return Math.max(1, Math.floor(this.#places() * this.#part))
  }

  /** Whether a client may have one more. */
  hasRoom(client = ''): boolean {
    const { most } = this
    const own = this.#takenBy.get(client) ?? 0
    return this.#taken < most && own < Math.max(1, Math.floor(most * OF_ONE))
  }

  take(client = ''): void {
    this.#taken++
    this.#takenBy.set(client, (this.#takenBy.get(client) ?? 0) + 1)
  }

  giveBack(client = ''): void {
    this.#taken--
    const left = (this.#takenBy.get(client) ?? 0) - 1
    if (left > 0) this.#takenBy.set(client, left)
    else this.#takenBy.delete(client)
  }
}
