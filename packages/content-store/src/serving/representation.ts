import { createHash } from 'node:crypto'
import type { Entry } from '@reliw/model'
import type { FoundFile } from '../files/disk.ts'
import { httpDate } from '../http/http-date.ts'
import type { LargeFile, Representation } from './answer.ts'
import { Body } from './body.ts'

interface Traits {
  entry: Entry
  type: string
  /** Request headers, beside Accept-Encoding, that another form was chosen by. */
  vary?: string
  lastModified?: number | undefined
}

/** Describes content once, so that an answer only has to choose and write. */
export function describe(body: Body | LargeFile, traits: Traits): Representation {
  const { entry, type, lastModified } = traits
  // What is not for everybody is nothing that a cache on the way may give to others.
  const caching = entry.auth === undefined ? 'no-cache' : 'private, no-cache'
  const headers = ['content-type', type, 'cache-control', entry.cache_control ?? caching]
  const vary = [traits.vary, body instanceof Body && body.isCompressible && 'Accept-Encoding']
  const varies = vary.filter((name) => typeof name === 'string').join(', ')
  if (varies !== '') headers.push('vary', varies)
  if (lastModified !== undefined) headers.push('last-modified', httpDate(lastModified))
  headers.push('accept-ranges', 'bytes')
  addOwn(headers, { 'x-content-type-options': 'nosniff', ...lowerCased(entry.headers) })
  return { body, headers, lastModified, finished: new Map() }
}

/** A file that is too large to keep is named by what it is on disk: hashing it would mean reading it. */
export function describeLarge({
  root,
  segments,
  size,
  identity
}: Pick<FoundFile, 'root' | 'segments' | 'size' | 'identity'>): LargeFile {
  const etag = `"${createHash('sha256').update(identity).digest('hex')}"`
  return { root, segments, size, identity, etag }
}

/** What an answer in a coding carries, whatever of it is sent; a list of one's own. */
export function validators(form: Representation, etag: string, encoding: string): string[] {
  const headers = [...form.headers, 'etag', etag]
  if (encoding !== '') headers.push('content-encoding', encoding)
  return headers
}

/** The whole header list of a 200, made once per coding. */
export function finished(
  form: Representation,
  etag: string,
  encoding: string,
  size: number
): readonly string[] {
  let headers = form.finished.get(encoding)
  if (headers === undefined) {
    headers = [...validators(form, etag, encoding), 'content-length', String(size)].map(intern)
    form.finished.set(encoding, headers)
  }
  return headers
}

/**
 * The same string, as the engine holds names of properties: it remembers of those what a regular expression
 * said of them, and node checks every header with two.
 */
function intern(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}

/** An entry's own headers replace ours of the same name. */
function addOwn(headers: string[], own: Record<string, string>): void {
  for (const [name, value] of Object.entries(own)) {
    const at = headers.findIndex((text, index) => index % 2 === 0 && text === name)
    if (at === -1) headers.push(name, value)
    else headers[at + 1] = value
  }
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  )
}
