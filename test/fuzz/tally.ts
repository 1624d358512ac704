/** How often there was what. */
export class Tally {
  readonly #counts = new Map<string | number, number>()

  add(what: string | number): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  /** `200: 17, 404: 3` */
  get text(): string {
    const entries = [...this.#counts].toSorted(([one], [other]) =>
      String(one).localeCompare(String(other))
    )
    return entries.map(([what, count]) => `${what}: ${count}`).join(', ')
  }
}
