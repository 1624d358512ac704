/** Listings of directories, as HTML and as JSON. */
import type { Listed } from '../files/list-within.ts'
import { escapeHtml } from './escape-html.ts'

export const SORTS = ['name', 'size', 'modified'] as const
export type Sort = (typeof SORTS)[number]

/** One page of a listing. */
export interface ListingPage {
  host: string
  /** The directory's path, which begins and ends with a slash. */
  path: string
  entries: readonly Listed[]
  /** From 1. */
  page: number
  pages: number
  /** Number of entries on all pages. */
  total: number
  /** Whether the directory has no further entries. */
  isComplete: boolean
  sort: Sort
  isDescending: boolean
}

/** The listing as JSON. */
export function listingJson(listing: ListingPage): string {
  const { path, page, pages, total, isComplete: complete, entries } = listing
  const listed = entries.map(({ name, isDirectory, size, modified }) => ({
    name,
    type: isDirectory ? 'directory' : 'file',
    size,
    modified: modified === undefined ? undefined : new Date(modified).toISOString()
  }))
  return `${JSON.stringify({ path, page, pages, total, complete, entries: listed })}\n`
}

/** The listing as HTML for a layout. All links are relative. */
export function listingHtml(listing: ListingPage): string {
  const { entries, path, total, isComplete } = listing
  const up = path === '/' ? '' : row('../', 'Parent folder', 'up')
  const rows = entries.map(rowOf).join('')
  const note = isComplete
    ? ''
    : `<p class="listing-note">This folder has more than ${count(total)} files; the others are not listed.</p>\n`
  const none = total === 0 ? '<p class="listing-note">This folder is empty.</p>\n' : ''
  return `<style>${style}</style>
<h1 class="listing-path">${crumbs(listing)}</h1>
<table class="listing">
<thead><tr>${heading('name', 'Name', listing)}${heading('size', 'Size', listing)}${heading('modified', 'Modified', listing)}</tr></thead>
<tbody>
${up}${rows}</tbody>
</table>
${none}${note}${pager(listing)}`
}

function crumbs({ host, path }: ListingPage): string {
  // A site of many hosts is named by its wildcard.
  const names = [host.replace(/^\*\./, ''), ...path.split('/').filter((name) => name !== '')]
  return names
    .map((name, at) => {
      const depth = names.length - 1 - at
      const text = escapeHtml(name)
      if (depth === 0) return `<span aria-current="page">${text}</span>`
      return `<a href="${'../'.repeat(depth)}">${text}</a> <span class="listing-slash">/</span> `
    })
    .join('')
}

function heading(sort: Sort, label: string, listing: ListingPage): string {
  const isCurrent = listing.sort === sort
  const order = isCurrent && !listing.isDescending ? 'desc' : 'asc'
  const state = listing.isDescending ? 'descending' : 'ascending'
  const mark = isCurrent
    ? ` <span aria-hidden="true">${listing.isDescending ? '↓' : '↑'}</span>`
    : ''
  const sorted = isCurrent ? ` aria-sort="${state}"` : ''
  return `<th scope="col"${sorted}><a href="${linkTo({ ...listing, sort, isDescending: order === 'desc', page: 1 })}">${label}</a>${mark}</th>`
}

function rowOf({ name, isDirectory, size, modified }: Listed): string {
  const slash = isDirectory ? '/' : ''
  return row(
    `./${encodeURIComponent(name)}${slash}`,
    escapeHtml(name) + slash,
    isDirectory ? 'directory' : 'file',
    size === undefined ? '' : `<data value="${size}">${formatSize(size)}</data>`,
    modified === undefined ? '' : timeOf(modified)
  )
}

function row(href: string, text: string, kind: string, size = '', modified = ''): string {
  return `<tr class="listing-${kind}"><td><a href="${href}">${text}</a></td><td>${size}</td><td>${modified}</td></tr>\n`
}

function timeOf(modified: number): string {
  const iso = new Date(modified).toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 10)}<span> ${iso.slice(11, 16)}</span></time>`
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A size as people read it: `812 B`, `1.2 KiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  let size = bytes
  let unit = -1
  // Not 1024: a size that is rounded to four digits would read as "1024 KiB".
  while (size >= 1023.5 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`
}

function count(total: number): string {
  return total.toLocaleString('en')
}

function pager(listing: ListingPage): string {
  const { page, pages, total } = listing
  if (pages < 2) return ''
  const link = (to: number, rel: string, text: string): string =>
    to < 1 || to > pages
      ? '<span></span>'
      : `<a rel="${rel}" href="${linkTo({ ...listing, page: to })}">${text}</a>`
  return `<nav class="listing-pages" aria-label="Pages">
${link(page - 1, 'prev', '← Previous')}
<span>Page ${page} of ${pages} · ${count(total)} files</span>
${link(page + 1, 'next', 'Next →')}
</nav>`
}

/** A reference to another page or order of the same listing. */
function linkTo({ sort, isDescending, page }: ListingPage): string {
  const fields = [
    page > 1 && `page=${page}`,
    sort !== 'name' && `sort=${sort}`,
    isDescending && 'order=desc'
  ].filter((field) => field !== false)
  return fields.length === 0 ? './' : `?${fields.join('&amp;')}`
}

/** Works in the built-in layout, whose colours it takes, and in others. */
const style = `
.listing-path { font-size: clamp(1.25rem, 4vw, 1.75rem); overflow-wrap: anywhere }
.listing-path a { text-decoration: none }
.listing-path a:hover { text-decoration: underline }
.listing-slash { opacity: .5; font-weight: 400 }
.listing { display: table; width: 100%; border-collapse: collapse; font-size: .95em }
.listing th, .listing td { padding: .5em 0; border: 0; border-bottom: 1px solid var(--line, #8885) }
.listing th { background: none; font-weight: 600; text-align: left; white-space: nowrap }
.listing th a { color: inherit; text-decoration: none }
.listing th a:hover { text-decoration: underline }
.listing td:first-child { width: 100%; overflow-wrap: anywhere }
.listing td:first-child a { display: block; text-decoration: none }
.listing td:first-child a:hover { text-decoration: underline }
.listing tbody tr:hover { background: var(--panel, #8881) }
.listing-directory td:first-child a { font-weight: 600 }
.listing tr > :nth-child(n + 2) { padding-left: 1.5em; white-space: nowrap; text-align: right }
.listing td:nth-child(n + 2) { color: var(--muted, inherit); font-variant-numeric: tabular-nums }
.listing-note, .listing-pages { color: var(--muted, inherit) }
.listing-pages { display: flex; justify-content: space-between; gap: 1em; margin-top: 1.5em }
@media (max-width: 36rem) {
  .listing time span { display: none }
  .listing tr > :nth-child(n + 2) { padding-left: .8em; font-size: .85em }
}
`
