/**
 * Counts the requests in flight, in total and per host, and refuses requests above a limit immediately: nothing is
 * queued. Its memory is bounded by the number of requests in flight.
 */
export class Concurrency {
  readonly #hosts = new Map<string, number>()
  #total = 0

  /** Number of requests in flight. */
  get total(): number {
    return this.#total
  }

  /** Number of hosts that have requests in flight. */
  get hosts(): number {
    return this.#hosts.size
  }

  /** Number of requests in flight for a host. */
  of(host: string): number {
    return this.#hosts.get(host) ?? 0
  }

  /**
   * Counts a request if both limits allow it. Every `true` must be followed by exactly one `leave`.
   *
   * @param maxTotal maximum of concurrent requests; undefined: unlimited
   * @param maxHost maximum of concurrent requests for this host; undefined: unlimited
   * @returns whether the request was counted
   */
  enter(host: string, maxTotal: number | undefined, maxHost: number | undefined): boolean {
    if (maxTotal !== undefined && this.#total >= maxTotal) return false
    const count = this.of(host)
    if (maxHost !== undefined && count >= maxHost) return false
    this.#hosts.set(host, count + 1)
    this.#total++
    return true
  }

  /** Counts a request out. Does nothing for a host without requests in flight. */
  leave(host: string): void {
    const count = this.#hosts.get(host)
    if (count === undefined) return
    if (count === 1) this.#hosts.delete(host)
    else this.#hosts.set(host, count - 1)
    this.#total--
  }
}
