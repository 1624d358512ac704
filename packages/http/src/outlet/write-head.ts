import type { ServerResponse } from 'node:http'
import { valueOf } from '../header-list.ts'
import { headerNames, writeListedHead } from '../node-internals/index.ts'
import { isRepeated, joined } from './single-value.ts'
import { sendable } from './sendable.ts'

/** Highest valid status. Clients treat a higher one as a 5xx (RFC 9110 15), and Node refuses to send it over HTTP/2. */
const HIGHEST_STATUS = 599

/**
 * Writes the head of a response, with the bytes of its fields as they are given.
 *
 * @param headers name, value, name, value, …; one character per byte
 */
export function writeHead(raw: ServerResponse, status: number, headers: readonly string[]): void {
  const fields = sendable(status, headers) as string[]
  if ('stream' in raw) writeHead2(raw, status, fields)
  else writeHead1(raw, status, fields)
}

function writeHead1(raw: ServerResponse, status: number, fields: string[]): void {
  const own = headerNames(raw)
  const isExpect = valueOf(fields, 'expect') !== undefined
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

function writeHead2(raw: ServerResponse, status: number, fields: string[]): void {
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
