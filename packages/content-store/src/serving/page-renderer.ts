import { type Entry, InvalidValue, type Reader, type Store, type View } from '@reliw/model'
import { defaultLayout } from '../rendering/default-layout.ts'
import { type Layout, parseLayout } from '../rendering/layout.ts'
import type { Rendered } from '../rendering/rendered.ts'
import { Renderer } from '../rendering/renderer.ts'
import type { Bodies, CachedContent } from './bodies.ts'
import { Body } from './body.ts'

const FORMATS: Readonly<Record<string, 'markdown' | 'djot'>> = {
  'text/markdown': 'markdown',
  'text/djot': 'djot'
}

/** The names of a site's layouts in `DATA:<host>:`. */
const LAYOUT = 'template.html'
const LOGIN_LAYOUT = 'login.html'

/** Renders Markdown and Djot to pages in the site's layout. */
export class PageRenderer {
  readonly #store: Store
  readonly #bodies: Bodies
  readonly #layouts: View<Layout>
  readonly #loginLayouts: View<Layout | undefined>
  readonly #renderer = new Renderer()

  constructor(store: Store, bodies: Bodies) {
    this.#store = store
    this.#bodies = bodies
    const find = async (host: string, name: string, reader: Reader): Promise<Layout | undefined> =>
      store.sites.data(host, name, reader, (raw) => {
        reader.weigh(2 * raw.length)
        return parseLayout(raw.toString())
      })
    this.#layouts = store.view(
      async (host, reader) => (await find(host, LAYOUT, reader)) ?? defaultLayout
    )
    this.#loginLayouts = store.view(async (host, reader) => find(host, LOGIN_LAYOUT, reader))
  }

  /** Whether content of a type is the source of a page: Markdown or Djot. */
  isSource(type: string): boolean {
    return formatOf(type) !== undefined
  }

  /** The layout of a host's pages. Rejects when the stored layout is invalid or the store is not available. */
  async layout(host: string, reader?: Reader): Promise<Layout> {
    return this.#layouts.get(host, reader)
  }

  /** The layout of a host's login page: `login.html`, else the layout of its pages. */
  async loginLayout(host: string): Promise<Layout> {
    return (await this.#loginLayouts.get(host)) ?? this.layout(host)
  }

  async close(): Promise<void> {
    await this.#renderer.close()
  }

  /**
   * The rendered page of a source.
   *
   * @throws InvalidValue when the source, or the layout, cannot be rendered
   */
  async render(
    host: string,
    name: string,
    entry: Entry,
    source: CachedContent,
    reader: Reader
  ): Promise<Body> {
    const { sites } = this.#store
    const [layout, settings, title] = await Promise.all([
      this.layout(host, reader),
      sites.settings(host, reader),
      this.#title(host, name, reader)
    ])
    const path = name.startsWith('/') ? name : `/${name}`
    const rendered = await this.#make(host + path, source, settings.unsafe_html)
    const html = layout.render({
      content: rendered.html,
      title: title ?? source.title ?? entry.title ?? rendered.title ?? '',
      css_file: entry.css_file,
      favicon_file: entry.favicon_file,
      class: 'page'
    })
    const bytes = Buffer.from(html)
    const body = new Body(bytes, this.#bodies.isWorthCompressing(bytes, 'text/html'))
    reader.weigh(body.weight)
    return body
  }

  /** The stored title. An entry may name its file without the leading slash of stored names. */
  async #title(host: string, name: string, reader: Reader): Promise<string | undefined> {
    const { sites } = this.#store
    const title = await sites.title(host, name, reader)
    return title ?? (name.startsWith('/') ? undefined : sites.title(host, `/${name}`, reader))
  }

  /** Failures are InvalidValue: like an invalid stored value, a source that fails does so until it changes. */
  async #make(name: string, source: CachedContent, unsafeHtml: boolean): Promise<Rendered> {
    try {
      return await this.#renderer.render({
        format: formatOf(source.type) ?? 'markdown',
        source: source.body.identity.bytes.toString(),
        options: { unsafeHtml }
      })
    } catch (error) {
      throw new InvalidValue(name, (error as Error).message)
    }
  }
}

function formatOf(type: string): 'markdown' | 'djot' | undefined {
  const essence = type.split(';', 1)[0]?.trim() ?? ''
  return Object.hasOwn(FORMATS, essence) ? FORMATS[essence] : undefined
}
