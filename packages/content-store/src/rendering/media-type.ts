/** Media types by file extension. */
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
