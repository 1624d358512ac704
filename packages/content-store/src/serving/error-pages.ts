import type { Entry } from '@reliw/model'
import { renderErrorPage } from '../rendering/error-page.ts'
import type { Layout } from '../rendering/layout.ts'
import type { Pages } from './pages.ts'

/** Makes error pages in the site's layout; without it, when it cannot be had, in the default one. */
export class ErrorPages {
  readonly #pages: Pages

  constructor(pages: Pages) {
    this.#pages = pages
  }

  async render(status: number, host: string, requestId: string, entry?: Entry): Promise<string> {
    return renderErrorPage({
      status,
      requestId,
      layout: await this.#layout(host),
      custom: entry?.error[String(status)],
      css_file: entry?.css_file,
      favicon_file: entry?.favicon_file
    })
  }

  async #layout(host: string): Promise<Layout | undefined> {
    if (host === '') return undefined
    try {
      return await this.#pages.layout(host)
    } catch {
      return undefined
    }
  }
}
