/** Length of the part of a body that is searched, in bytes. */
const MOST = 64 * 1024

/** Looks for a text in the beginning of a body that arrives in pieces; keeps only as much as the text is long. */
export class TextSearch {
  readonly #text: Buffer
  /** The end of what was searched, in which the text may have begun. */
  #tail = Buffer.alloc(0)
  #searched = 0

  constructor(text: string) {
    this.#text = Buffer.from(text)
  }

  /**
   * @param chunk the next piece, which is not kept
   * @returns whether the text was found; undefined while it may still come
   */
  add(chunk: Buffer): boolean | undefined {
    const piece = chunk.subarray(0, MOST - this.#searched)
    this.#searched += piece.length
    const bytes = Buffer.concat([this.#tail, piece])
    if (bytes.includes(this.#text)) return true
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.#text.length + 1)))
    return this.#searched === MOST ? false : undefined
  }
}
