import { isIP, type Socket } from 'node:net'
import { connect, type SecureContext } from 'node:tls'
import { OriginFailure } from '../exchange.ts'
import type { Connection, ConnectOptions } from './connect.ts'
import { opened } from './opened.ts'

/** A certificate may hold any number of names, and the reason quotes them all. */
const LONGEST_REASON = 300

/** Makes a TCP connection a TLS one (RFC 9110 4.3.3). Rejects with OriginFailure, the connection closed. */
export async function openTls(
  tcp: Socket,
  context: SecureContext | undefined,
  { target, settings, protocols, signal }: Omit<ConnectOptions, 'names' | 'context'>
): Promise<Connection> {
  const name = settings.tls_server_name ?? target.host
  const place = target.path ?? target.authority
  const socket = connect({
    socket: tcp,
    // What the certificate has to be for. SNI knows names only (RFC 6066 3).
    host: name,
    ...(isIP(name) === 0 && { servername: name }),
    ...(context !== undefined && { secureContext: context }),
    ALPNProtocols: [...protocols],
    rejectUnauthorized: settings.tls_verify
  })
  try {
    const { tls_handshake_timeout: ms } = settings
    const what = `the TLS handshake with ${place}`
    await opened(socket, { event: 'secureConnect', ms, signal, what })
    return { socket, protocol: socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' }
  } catch (error) {
    if (error instanceof OriginFailure) throw error
    throw new OriginFailure('tls', `no TLS with ${place}: ${reasonOf(error)}`, { isUnsent: true })
  }
}

/** OpenSSL's own reason is short and clear, the message around it is neither. */
function reasonOf(error: unknown): string {
  const { reason, message } = error as Error & { reason?: string }
  return (reason ?? message).slice(0, LONGEST_REASON)
}
