/**
 * Counts the requests that are in flight, in all and per host, and refuses those above a limit at
 * once: nothing waits. What it holds is bounded by what is in flight.
 */
export class Concurrency {
  readonly #hosts = new Map<string, number>()
  #total = 0

  /** How many requests are in flight. */
  get total(): number {
    return this.#total
  }

  /** How many hosts have requests in flight. */
  get hosts(): number {
    return this.#hosts.size
  }

  /** How many requests of a host are in flight. */
  of(host: string): number {
    return this.#hosts.get(host) ?? 0
  }

  /**
   * Counts a request in, if both limits allow it. Every `true` has to be followed by one `leave`.
   *
   * @param maxTotal how many requests there may be; undefined for any number
   * @param maxHost how many of this host
   * @returns whether it was counted
   */
  enter(host: string, maxTotal: number | undefined, maxHost: number | undefined): boolean {
    if (maxTotal !== undefined && this.#total >= maxTotal) return false
    const count = this.of(host)
    if (maxHost !== undefined && count >= maxHost) return false
    this.#hosts.set(host, count + 1)
    this.#total++
    return true
  }

  /** Counts a request out. One that was never let in is not counted. */
  leave(host: string): void {
    const count = this.#hosts.get(host)
    if (count === undefined) return
    if (count === 1) this.#hosts.delete(host)
    else this.#hosts.set(host, count - 1)
    this.#total--
  }
}
