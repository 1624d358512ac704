/** Makes the ids of the headings of one document from their text; no id is used twice. */
export class HeadingIds {
  readonly #used = new Set<string>()
  readonly #repeats = new Map<string, number>()

  /**
   * The id of the next heading: `Two words!` becomes `two-words`, the second time `two-words-1`; a text without letters
   * or digits becomes `section`.
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

/** Keeps letters, marks, digits and underscores of every script; everything between them becomes one hyphen. */
function slugOf(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}_]+/gu)
  return words?.join('-') ?? 'section'
}
