import type { Live, Reader, Store, View } from '@reliw/model'
import type { Disk } from '../files/disk.ts'
import { type Directory, type Listed, MAX_LISTED } from '../files/list-within.ts'
import { prefersJson } from '../http/accept.ts'
import {
  listingHtml,
  listingJson,
  type ListingPage,
  type Sort,
  SORTS
} from '../rendering/listing-page.ts'
import type { Bodies } from './bodies.ts'
import { Body } from './body.ts'
import type { PageRenderer } from './page-renderer.ts'
import { describe } from './representation.ts'
import type { Representation } from './resolution.ts'

/** Entries on one page. */
const PER_PAGE = 200
/** Estimated memory of an entry of a directory without its name, in bytes. */
const ENTRY_BYTES = 120

/** What a client wants to see of a listing. */
export interface ListingChoice {
  page: number
  sort: Sort
  isDescending: boolean
  isJson: boolean
}

/** The parts that listings are made of. */
export interface ListingsParts {
  store: Store
  disk: Disk
  bodies: Bodies
  pageRenderer: PageRenderer
}

/**
 * Reads `?page=2&sort=size&order=desc`; undefined when there can be no such page. What else a query says is ignored.
 */
export function readChoice(query: string, accept: string | undefined): ListingChoice | undefined {
  const fields = new URLSearchParams(query)
  const page = fields.get('page') ?? '1'
  if (!/^[1-9]\d?$/.test(page) || Number(page) > MAX_LISTED / PER_PAGE) return undefined
  return {
    page: Number(page),
    sort: SORTS.find((sort) => sort === fields.get('sort')) ?? 'name',
    isDescending: fields.get('order') === 'desc',
    isJson: prefersJson(accept)
  }
}

/**
 * Listings of directories on disk. A directory is read, and each of its pages rendered, once until something in the
 * directory changes.
 */
export class Listings {
  readonly #parts: ListingsParts
  readonly #directories: View<Directory | undefined>
  readonly #pages: View<Representation | undefined>

  constructor(parts: ListingsParts) {
    const { store } = parts
    this.#parts = parts
    this.#directories = store.view(async (key, reader) => this.#read(key, reader))
    this.#pages = store.view(async (key, reader) => this.#render(key, reader))
  }

  /** Whether there is a directory at a path; the reader's value depends on it. */
  async has(host: string, path: string, reader: Reader): Promise<boolean> {
    return (await this.#directories.get(`${host}\n${path}`, reader)) !== undefined
  }

  /** A page of a listing, as an entry describes it; undefined when there is none any more. */
  page(
    { host, id, path }: { host: string; id: string; path: string },
    { page, sort, isDescending, isJson }: ListingChoice
  ): Live<Representation | undefined> {
    return this.#pages.get(JSON.stringify([host, id, path, page, sort, isDescending, isJson]))
  }

  async #read(key: string, reader: Reader): Promise<Directory | undefined> {
    const at = key.indexOf('\n')
    const found = await this.#parts.disk.list(key.slice(0, at), key.slice(at + 1), reader)
    if (found === 'unreadable') reader.doubt()
    if (typeof found === 'string') return undefined
    for (const { name } of found.entries) reader.weigh(ENTRY_BYTES + 2 * name.length)
    return { ...found, entries: found.entries.toSorted(byName) }
  }

  async #render(key: string, reader: Reader): Promise<Representation | undefined> {
    const [host, id, path, page, sort, isDescending, isJson] = JSON.parse(key) as [
      string,
      string,
      string,
      number,
      Sort,
      boolean,
      boolean
    ]
    const { store, pageRenderer, bodies } = this.#parts
    const entry = await store.sites.entry(host, id, reader)
    const directory = await this.#directories.get(`${host}\n${path}`, reader)
    if (entry?.listing !== true || directory === undefined) return undefined
    const { entries, isComplete } = directory
    const total = entries.length
    const pages = Math.max(1, Math.ceil(total / PER_PAGE))
    if (page > pages) return undefined
    const shown = inOrder(entries, sort, isDescending).slice((page - 1) * PER_PAGE, page * PER_PAGE)
    const place = { host, path, page, pages, total }
    const listing: ListingPage = { ...place, entries: shown, isComplete, sort, isDescending }
    let type = 'application/json; charset=utf-8'
    let text: string
    if (isJson) text = listingJson(listing)
    else {
      type = 'text/html; charset=utf-8'
      const layout = await pageRenderer.layout(host, reader)
      const { css_file, favicon_file } = entry
      const content = listingHtml(listing)
      text = layout.render({ title: path, content, css_file, favicon_file, class: 'listing' })
    }
    const bytes = Buffer.from(text)
    const body = new Body(bytes, bodies.isWorthCompressing(bytes, type))
    reader.weigh(body.weight)
    return describe(body, { entry, type, vary: 'Accept' })
  }
}

const collator = new Intl.Collator('en', { numeric: true })

/** Directories first, then by name: numbers by their value, letters without regard to case first. */
function byName(a: Listed, b: Listed): number {
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1
  return collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1)
}

/** Entries, which are sorted by name, in another order. Directories stay first. */
function inOrder(entries: readonly Listed[], sort: Sort, isDescending: boolean): Listed[] {
  const firstFile = entries.findIndex(({ isDirectory }) => !isDirectory)
  const border = firstFile === -1 ? entries.length : firstFile
  const files = entries.slice(border)
  // The sort is stable: files of the same size stay in the order of their names.
  if (sort !== 'name') files.sort((a, b) => (a[sort] ?? 0) - (b[sort] ?? 0))
  const directories = entries.slice(0, border)
  if (!isDescending) return [...directories, ...files]
  const first = sort === 'name' ? directories.toReversed() : directories
  return [...first, ...files.toReversed()]
}
