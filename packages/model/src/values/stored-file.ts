import * as z from 'zod'
import { InvalidValue } from '../errors.ts'

/**
 * `FILES:<host>:<file>`: content in the store. `hash` and `size` exist for other readers of the data; the server
 * computes its own from `content`.
 */
export interface StoredFile {
  content: Buffer
  /** Media type; derived from the file's name when absent. */
  mime: string | undefined
  title: string | undefined
}

const MediaType = z.string().regex(/^[\w.+-]+\/[\w.+-]+(;[\x20-\x7E]*)?$/)

export function decodeStoredFile(key: string, fields: Record<string, Buffer>): StoredFile {
  const { content, mime, title } = fields
  if (content === undefined) throw new InvalidValue(key, 'it has no field "content"')
  if (mime !== undefined) checkMediaType(key, mime)
  return { content, mime: mime?.toString(), title: title?.toString() }
}

const FIELDS = ['content', 'mime', 'title', 'hash', 'size']

/**
 * Validates one field before it is written.
 * @throws InvalidValue
 */
export function checkFileField(key: string, value: Buffer, field: string): void {
  if (!FIELDS.includes(field)) {
    throw new InvalidValue(key, 'no such field: a file has content, mime and title')
  }
  if (field === 'mime') checkMediaType(key, value)
}

function checkMediaType(key: string, value: Buffer): void {
  if (MediaType.safeParse(value.toString()).success) return
  throw new InvalidValue(key, 'the field "mime" is not a media type')
}
