/** Ids for the headings of one document: made of their text, each used once. */
export class HeadingIds {
  readonly #used = new Set<string>()
  readonly #repeats = new Map<string, number>()

  /**
   * The next heading's id: `Two words!` becomes `two-words`, then `two-words-1`; a text without
   * letters, `section`.
   */
  next(text: string): string {
    const slug = slugOf(text)
    let repeat = this.#repeats.get(slug) ?? 0
    let id = repeat === 0 ? slug : `${slug}-${repeat}`
    while (this.#used.has(id)) id = `${slug}-${++repeat}`
    this.#repeats.set(slug, repeat)
    this.#used.add(id)
    return id
  }
}

/** Letters, marks and digits of every script stay; what lies between them becomes one hyphen. */
function slugOf(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}_]+/gu)
  return words?.join('-') ?? 'section'
}
