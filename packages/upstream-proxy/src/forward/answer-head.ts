import type { ServerResponse } from 'node:http'
import { headerNames, writeListedHead } from '@reliw/http'
import { isNamed, valueOf } from '../http1/header-fields.ts'

/** Highest valid status. Clients treat a higher one as a 5xx (RFC 9110 15), and Node refuses to send it over HTTP/2. */
const HIGHEST_STATUS = 599

/**
 * Writes the head of a response, with the bytes of its fields as the origin sent them.
 *
 * @param headers name, value, name, value, …; one character per byte
 */
export function writeHead(raw: ServerResponse, status: number, headers: readonly string[]): void {
  const fields = sendable(status, headers) as string[]
  if (!('stream' in raw)) return writeHead1(raw, status, fields)
  const sent = status > HIGHEST_STATUS ? 500 : status
  try {
    raw.writeHead(sent, fields)
  } catch (error) {
    if (!isRepeated(error)) throw error
    for (const [name, value] of Object.entries(raw.getHeaders())) {
      if (Array.isArray(value)) raw.setHeader(name, joined(name, value))
    }
    raw.writeHead(sent)
  }
}

function writeHead1(raw: ServerResponse, status: number, fields: string[]): void {
  const isExpect = valueOf(fields, 'expect') !== undefined
  const own = headerNames(raw)
  if (!isExpect && own.length === 0) return void raw.writeHead(status, fields)
  writeListedHead(raw, status, ownFields(raw, own, fields), fields)
}

/** The fields set on a response, except those replaced by others of the same name. */
function ownFields(
  raw: ServerResponse,
  names: readonly string[],
  others: readonly string[]
): string[] {
  return names
    .filter((name) => valueOf(others, name.toLowerCase()) === undefined)
    .flatMap((name) => [raw.getHeader(name) ?? ''].flat().flatMap((value) => [name, String(value)]))
}

/**
 * Whether Node's HTTP/2 refused several fields of a name for which it allows one. A single field with the values in a
 * list means the same (RFC 9110 5.3).
 */
export function isRepeated(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_HTTP2_HEADER_SINGLE_VALUE'
}

/** Joins several values to one, except those of Set-Cookie, which must not become a list. */
export function joined(name: string, values: readonly string[]): string | readonly string[] {
  return name === 'set-cookie' ? values : values.join(', ')
}

/**
 * Arranges fields so that Node sends them unchanged. Fields that are invalid with the status are left out: Node throws
 * on a Trailer beside a length, and 101 and 204 have no length (RFC 9110 8.6).
 *
 * security: Node decodes a Content-Disposition that follows a Content-Length as UTF-8, which alters its bytes or
 * throws. Therefore the length comes last.
 */
function sendable(status: number, headers: readonly string[]): readonly string[] {
  const hasNoLength = status === 204 || status === 101
  for (let at = 0; at < headers.length; at += 2) {
    if (isSpecial(headers[at] ?? '', hasNoLength)) return rearranged(headers, hasNoLength)
  }
  return headers
}

function isSpecial(name: string, hasNoLength: boolean): boolean {
  const isAlone = isNamed(name, 'trailer') || isNamed(name, 'content-disposition')
  return isAlone || (hasNoLength && isNamed(name, 'content-length'))
}

function rearranged(headers: readonly string[], hasNoLength: boolean): string[] {
  const fields: string[] = []
  const length: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (isNamed(name, 'trailer')) continue
    if (!isNamed(name, 'content-length')) fields.push(name, headers[at + 1] ?? '')
    else if (!hasNoLength) length.push(name, headers[at + 1] ?? '')
  }
  return fields.concat(length)
}
