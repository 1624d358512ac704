import { isIPv4, isIPv6 } from 'node:net'
import { normalizeAddress } from '@reliw/options'
import type { Source } from '../facts/source.ts'
import { SIGNATURE } from './signature.ts'

/** The result of reading a PROXY header. */
export type ProxyHeader =
  /** The bytes may be the beginning of a header. */
  | 'partial'
  /** The bytes do not begin with a header. */
  | 'absent'
  /** The bytes begin like a header, and are none. */
  | 'invalid'
  | {
      /** In bytes. */
      readonly length: number
      /** Undefined where the proxy made the connection for itself, such as for a health check. */
      readonly source: Source | undefined
    }

const V1_START = Buffer.from('PROXY ')
/** The longest header of version 1, in bytes. */
const V1_LENGTH = 107
/** The fixed part of a header of version 2, in bytes. */
const V2_FIXED = 16
/** Longest part of a header of version 2 that its length may announce, in bytes: addresses and TLVs. */
const V2_REST = 4096

/** The longest header that is read, in bytes. */
export const MAX_PROXY_HEADER: number = V2_FIXED + V2_REST

/** `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`: each field is separated by exactly one space. */
const V1 = /^PROXY (TCP4|TCP6) ([\d.a-fA-F:]+) ([\d.a-fA-F:]+) (\d{1,5}) (\d{1,5})$/
const V1_UNKNOWN = /^PROXY UNKNOWN(?: |$)/

/**
 * Reads the header that a proxy sends at the beginning of a connection, version 1 or 2 of the PROXY protocol (HAProxy's
 * proxy-protocol.txt, sections 2.1 and 2.2).
 *
 * @param bytes everything that was received so far
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, SIGNATURE)) return bytes.length < V2_FIXED ? 'partial' : readV2(bytes)
  if (startsLike(bytes, V1_START)) return bytes.length < V1_START.length ? 'partial' : readV1(bytes)
  return 'absent'
}

/** Whether the bytes begin with the start of a header, or are the beginning of it. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.compare(start, 0, length, 0, length) === 0
}

function readV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, V1_LENGTH).indexOf('\r\n')
  if (end === -1) return bytes.length < V1_LENGTH ? 'partial' : 'invalid'
  const line = bytes.toString('latin1', 0, end)
  const length = end + 2
  if (V1_UNKNOWN.test(line)) return found(length, '', 0)
  const [, family, from = '', to = '', fromPort, toPort] = V1.exec(line) ?? []
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6
  const port = Number(fromPort)
  if (!(isAddress(from) && isAddress(to) && isPort(port) && isPort(Number(toPort))))
    return 'invalid'
  const address = normalizeAddress(from)
  return address === undefined ? 'invalid' : found(length, address, port)
}

function isPort(port: number): boolean {
  return port <= 65_535
}

/** Families with protocol: TCP over IPv4 and IPv6. */
const TCP4 = 0x11
const TCP6 = 0x21
/** Bytes of the addresses by family. Unspecified, and a Unix stream socket (two paths), have no IP address. */
const LENGTHS: Readonly<Record<number, number>> = { [TCP4]: 12, [TCP6]: 36, 0x00: 0, 0x31: 216 }

function readV2(bytes: Buffer): ProxyHeader {
  const [command, family = 0] = bytes.subarray(12, 14)
  const rest = bytes.readUInt16BE(14)
  const length = V2_FIXED + rest
  const isLocal = command === 0x20
  if (!(isLocal || command === 0x21) || rest > V2_REST) return 'invalid'
  if (!isLocal && !(rest >= (LENGTHS[family] ?? Infinity))) return 'invalid'
  if (bytes.length < length) return 'partial'
  if (isLocal) return { length, source: undefined }
  if (family !== TCP4 && family !== TCP6) return found(length, '', 0)
  const size = family === TCP4 ? 4 : 16
  const address = readAddress(bytes.subarray(V2_FIXED, V2_FIXED + size))
  const port = bytes.readUInt16BE(V2_FIXED + 2 * size)
  return found(length, address, port)
}

function readAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16))
  return normalizeAddress(groups.join(':')) ?? ''
}

function found(length: number, address: string, port: number): ProxyHeader {
  return { length, source: { address, port, headerLength: length } }
}
