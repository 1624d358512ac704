/** Media types by file extension, and which of them are worth compressing. */
import mime from 'mime'

/**
 * The Content-Type of a file by its name alone; `application/octet-stream` when nothing is known
 * about it.
 */
export function mediaType(file: string): string {
  const type = typeOf(extensionOf(file))
  return isText(type) ? `${type}; charset=utf-8` : type
}

/**
 * Whether `type` (parameters are ignored) is in `types`: exact entries, or all of a kind as
 * `text/*`.
 */
export function isCompressible(type: string, types: readonly string[]): boolean {
  const [essence = ''] = type.toLowerCase().split(';')
  const name = essence.trim()
  const kind = `${name.slice(0, name.indexOf('/'))}/*`
  return types.some((entry) => entry === name || entry === kind)
}

/**
 * The types that shrink by compression; fonts and images that are compressed in themselves do not.
 */
export const DEFAULT_COMPRESSIBLE: readonly string[] = [
  'text/*',
  'application/atom+xml',
  'application/geo+json',
  'application/javascript',
  'application/json',
  'application/ld+json',
  'application/lua',
  'application/manifest+json',
  'application/rss+xml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/xhtml+xml',
  'application/xml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/svg+xml',
  'image/vnd.microsoft.icon',
  'image/x-icon'
]

/**
 * What the library does not know, or knows as something a web site does not mean: `.ts` is not a
 * video.
 */
const ownTypes = new Map([
  ['cts', 'text/plain'],
  ['dj', 'text/djot'],
  ['lua', 'application/lua'],
  ['markdown', 'text/markdown'],
  ['md', 'text/markdown'],
  ['mts', 'text/plain'],
  ['ts', 'text/plain']
])

/** Without the leading dot, lower-cased; empty for `README` and `.profile`. */
function extensionOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

function typeOf(extension: string): string {
  const type = ownTypes.get(extension) ?? mime.getType(extension)
  return type ?? 'application/octet-stream'
}

/**
 * The types that a charset makes sense for; JSON and its kin are UTF-8 by definition, and say so
 * all the same.
 */
function isText(type: string): boolean {
  return /^text\/|^application\/(?:javascript|json|xml)$|\+(?:json|xml)$/.test(type)
}
