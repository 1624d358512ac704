/** A rendered document. */
export interface Rendered {
  /** A fragment of HTML for the layout. */
  html: string
  /** Plain text of the first level-1 heading that has text, else of the first heading that has text. */
  title: string | undefined
}

/** The rendering options of a site. */
export interface RenderOptions {
  /** Whether HTML in the document is passed on as it is. security: its authors can run scripts on the site. */
  unsafeHtml: boolean
}

/** Finds a document's title while its headings are read in order. */
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
