/** Media types by file extension. */
import mime from 'mime'

/** The Content-Type of a file by its name; `application/octet-stream` when the extension is unknown. */
export function mediaType(file: string): string {
  const type = typeOf(extensionOf(file))
  return isText(type) ? `${type}; charset=utf-8` : type
}

/** Media types that the library lacks, or gives for another use of the extension: to it `.ts` is a video. */
const ownTypes = new Map([
  ['cts', 'text/plain'],
  ['dj', 'text/djot'],
  ['lua', 'application/lua'],
  ['markdown', 'text/markdown'],
  ['md', 'text/markdown'],
  ['mts', 'text/plain'],
  ['ts', 'text/plain']
])

/** The extension, lower-cased and without the dot; empty for `README` and `.profile`. */
function extensionOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

function typeOf(extension: string): string {
  const type = ownTypes.get(extension) ?? mime.getType(extension)
  return type ?? 'application/octet-stream'
}

/** Whether a type gets `charset=utf-8`. JSON and types based on it are UTF-8 by definition, but get it too. */
function isText(type: string): boolean {
  return /^text\/|^application\/(?:javascript|json|xml)$|\+(?:json|xml)$/.test(type)
}
