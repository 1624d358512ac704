/** What every renderer makes of a document. */
export interface Rendered {
  /** A fragment of HTML, to be put into a layout. */
  html: string
  /** Plain text of the first level-1 heading, else of the first heading that has any text. */
  title: string | undefined
}

/** What the owner of a site may decide about its documents. */
export interface RenderOptions {
  /**
   * Lets HTML written in the document through as it is. Only for authors who may run scripts on the
   * site.
   */
  unsafeHtml: boolean
}

/** Picks a document's title while its headings are read in order. */
export class TitleFinder {
  #first: string | undefined
  #top: string | undefined

  add(level: number, text: string): void {
    const title = text.replace(/\s+/g, ' ').trim()
    if (title === '') return
    this.#first ??= title
    if (level === 1) this.#top ??= title
  }

  get title(): string | undefined {
    return this.#top ?? this.#first
  }
}
