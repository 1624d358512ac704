import type { ByteReader } from './byte-reader.ts'

const MAX_LINE = 16 * 1024

/** `[name, value]` as they were sent: order, case and repetitions. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** How the end of a body is found: its length in bytes, or chunks. */
export type Framing = number | 'chunked'

/**
 * Accepts exactly one way of saying it, or none (RFC 9112 6.3).
 *
 * @throws Error for anything else
 */
export function framingOf(headers: HeaderList): Framing {
  const valuesOf = (name: string): string[] =>
    headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  const codings = valuesOf('transfer-encoding')
  const lengths = valuesOf('content-length')
  const [coding, length = '0'] = [codings[0], lengths[0]]
  if (codings.length + lengths.length < 2) {
    if (coding?.toLowerCase() === 'chunked') return 'chunked'
    if (coding === undefined && /^\d{1,15}$/.test(length)) return Number(length)
  }
  throw new Error(`no clear length of a body: ${JSON.stringify([...codings, ...lengths])}`)
}

/**
 * Reads a body to its end and not further. Rejects when it is malformed or breaks off.
 *
 * @returns the trailer section (RFC 9112 7.1.2)
 */
export async function readBody(
  reader: ByteReader,
  framing: Framing,
  onData: (data: Buffer) => void
): Promise<HeaderList> {
  if (framing !== 'chunked') {
    await readBytes(reader, framing, onData)
    return []
  }
  for (;;) {
    const line = await readLine(reader)
    const size = /^([0-9A-Fa-f]{1,12})(?:;[\t\x20-\x7E]*)?$/.exec(line)?.[1]
    if (size === undefined) throw new Error(`not a chunk's size: ${JSON.stringify(line)}`)
    const length = Number.parseInt(size, 16)
    if (length === 0) return readTrailers(reader)
    await readBytes(reader, length, onData)
    if ((await readLine(reader)) !== '') throw new Error('a chunk is longer than its size')
  }
}

/** @throws Error when it is not `name: value` (RFC 9112 5) */
export function parseHeader(line: string): [name: string, value: string] {
  const [, name = '', value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line) ?? []
  if (value === undefined) throw new Error(`not a header: ${JSON.stringify(line)}`)
  return [name, value]
}

async function readBytes(
  reader: ByteReader,
  length: number,
  onData: (data: Buffer) => void
): Promise<void> {
  for (let left = length; left > 0;) {
    const data = await reader.readSome(left)
    left -= data.length
    onData(data)
  }
}

async function readTrailers(reader: ByteReader): Promise<HeaderList> {
  const trailers: [string, string][] = []
  for (;;) {
    const line = await readLine(reader)
    if (line === '') return trailers
    trailers.push(parseHeader(line))
  }
}

async function readLine(reader: ByteReader): Promise<string> {
  const line = await reader.readThrough('\r\n', MAX_LINE)
  if (line === undefined) throw new Error('the connection ended too early')
  return line.slice(0, -2)
}
