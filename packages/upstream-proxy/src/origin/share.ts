/** The fraction of a share that one client may use. */
const OF_ONE = 1 / 2

/**
 * A limit on the part of an origin's connections that one kind of request may use, so that some are left for the other
 * kinds. At least one connection.
 *
 * security: one client gets at most half of the share; otherwise it could keep all others from uploading.
 */
export class Share {
  readonly #part: number
  readonly #places: () => number
  #taken = 0
  /** Connections by client; without entries of 0. */
  readonly #takenBy = new Map<string, number>()

  /**
   * @param part from 0 to 1
   * @param places the current number of connections for all kinds of request
   */
  constructor(part: number, places: () => number) {
    this.#part = part
    this.#places = places
  }

  get taken(): number {
    return this.#taken
  }

  /** The maximum number at present. */
  get most(): number {
    return Math.max(1, Math.floor(this.#places() * this.#part))
  }

  /** Whether a client may take one more. */
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
