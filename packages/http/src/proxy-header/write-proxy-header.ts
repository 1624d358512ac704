import { isIPv4 } from 'node:net'
import { addressBytes } from '@reliw/options'
import { SIGNATURE } from './signature.ts'

/** Version of the PROXY protocol (HAProxy's proxy-protocol.txt): 1 is text, 2 is binary. */
export type ProxyVersion = 'v1' | 'v2'

/** The connection that a PROXY header describes. */
export interface ProxiedConnection {
  /** The client's IP address; '' when unknown. */
  readonly clientIp: string
  /** The client's TCP port; 0 when unknown. */
  readonly clientPort: number
  /** The IP address to which the client connected; '' when unknown. */
  readonly serverIp: string
  /** The TCP port to which the client connected; 0 when unknown. */
  readonly serverPort: number
}

/** Bytes for the family of the addresses, and for version and command. */
const TCP4 = 0x11
const TCP6 = 0x21
const UNSPECIFIED = 0x00
const LOCAL = 0x20
const PROXY = 0x21

/** The header for a connection that carries requests of a client. */
export function writeProxyHeader(version: ProxyVersion, connection: ProxiedConnection): Buffer {
  const { clientIp, clientPort, serverIp, serverPort } = connection
  if (clientIp === '') return version === 'v1' ? unknown() : binary(PROXY, UNSPECIFIED)
  // Both addresses are of one family: an IPv4 address beside an IPv6 one is mapped.
  const isIPv4Only = isIPv4(clientIp) && (serverIp === '' || isIPv4(serverIp))
  const spell = (ip: string): string => (isIPv4(ip) && !isIPv4Only ? `::ffff:${ip}` : ip)
  const from = spell(clientIp)
  const to = spell(serverIp || (isIPv4Only ? '0.0.0.0' : '::'))
  if (version === 'v1') {
    const family = isIPv4Only ? 'TCP4' : 'TCP6'
    return Buffer.from(`PROXY ${family} ${from} ${to} ${clientPort} ${serverPort}\r\n`)
  }
  const ports = [clientPort, serverPort].flatMap((port) => [port >> 8, port & 0xff])
  const body = [...addressBytes(from), ...addressBytes(to), ...ports]
  return binary(PROXY, isIPv4Only ? TCP4 : TCP6, body)
}

/** The header for a connection that the server makes for itself, such as for a health check. */
export function writeLocalHeader(version: ProxyVersion): Buffer {
  return version === 'v1' ? unknown() : binary(LOCAL, UNSPECIFIED)
}

function unknown(): Buffer {
  return Buffer.from('PROXY UNKNOWN\r\n')
}

function binary(command: number, family: number, body: readonly number[] = []): Buffer {
  return Buffer.from([...SIGNATURE, command, family, body.length >> 8, body.length & 0xff, ...body])
}
