import { createHash } from 'node:crypto'
import type { Entry } from '@reliw/model'
import type { FoundFile } from '../files/disk.ts'
import type { Encoding } from '../http/accept.ts'
import { httpDate } from '../http/http-date.ts'
import type { LargeFile, Representation } from './resolution.ts'
import { Body } from './body.ts'
import { isGuarded } from './is-guarded.ts'

interface Traits {
  entry: Entry
  type: string
  /** Request headers, in addition to Accept-Encoding, by which the representation was chosen. */
  vary?: string
  lastModified?: number | undefined
  /** The same content in content codings. */
  precompressed?: ReadonlyMap<Encoding, Representation>
  /** The content coding of the body, where it is not that of a variant of the body. */
  encoding?: Encoding
}

/** Makes a representation, with the headers that all its responses have. */
export function describe(body: Body | LargeFile, traits: Traits): Representation {
  const { entry, type, lastModified, precompressed, encoding } = traits
  // security: a shared cache must not give content that not everybody may see to other clients.
  const caching = isGuarded(entry) ? 'private, no-cache' : 'no-cache'
  const headers = ['content-type', type, 'cache-control', entry.cache_control ?? caching]
  const isNegotiated = precompressed !== undefined || encoding !== undefined
  const isCompressed = isNegotiated || (body instanceof Body && body.isCompressible)
  const vary = [traits.vary, isCompressed && 'Accept-Encoding']
  const varies = vary.filter((name) => typeof name === 'string').join(', ')
  if (varies !== '') headers.push('vary', varies)
  if (lastModified !== undefined) headers.push('last-modified', httpDate(lastModified))
  headers.push('accept-ranges', 'bytes')
  if (encoding !== undefined) headers.push('content-encoding', encoding)
  addOwn(headers, { 'x-content-type-options': 'nosniff', ...lowerCased(entry.headers.content) })
  const others = precompressed && { precompressed }
  return { body, headers, lastModified, finished: new Map(), ...others }
}

/**
 * Describes a file that is too large for the cache. Its entity tag is made from the file's identity, because a hash of
 * the content would mean reading the file.
 */
export function describeLarge({
  root,
  segments,
  size,
  identity
}: Pick<FoundFile, 'root' | 'segments' | 'size' | 'identity'>): LargeFile {
  const etag = `"${createHash('sha256').update(identity).digest('hex')}"`
  return { root, segments, size, identity, etag }
}

/** The headers of a response in a content coding, whole or in part. The list is the caller's own. */
export function validators(
  representation: Representation,
  etag: string,
  encoding: string
): string[] {
  const headers = [...representation.headers, 'etag', etag]
  if (encoding !== '') headers.push('content-encoding', encoding)
  return headers
}

/** The complete header list of a 200, made once per content coding. */
export function finished(
  representation: Representation,
  etag: string,
  encoding: string,
  size: number
): readonly string[] {
  let headers = representation.finished.get(encoding)
  if (headers === undefined) {
    headers = [...validators(representation, etag, encoding), 'content-length', String(size)].map(
      intern
    )
    representation.finished.set(encoding, headers)
  }
  return headers
}

/**
 * The same string as V8 stores property names (internalized): V8 caches the results of regular expressions for those,
 * and Node checks every header with two.
 */
function intern(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}

/** Adds an entry's own headers, which replace ours of the same name. */
function addOwn(headers: string[], own: Record<string, string>): void {
  for (const [name, value] of Object.entries(own)) {
    const at = headers.findIndex((text, index) => index % 2 === 0 && text === name)
    if (at === -1) headers.push(name, value)
    else headers[at + 1] = value
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  )
}
