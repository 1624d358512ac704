import { isIP, type Socket } from 'node:net'
import { connect, type SecureContext } from 'node:tls'
import { OriginFailure } from '../exchange.ts'
import type { Connection, ConnectOptions } from './connect.ts'
import { opened } from './opened.ts'

/** Maximum length of a reason. security: a certificate may hold any number of names, and the reason quotes them all. */
const LONGEST_REASON = 300

/** Starts TLS on a TCP connection (RFC 9110 4.3.3). Rejects with OriginFailure, with the connection closed. */
export async function openTls(
  tcp: Socket,
  context: SecureContext | undefined,
  { target, settings, protocols, signal }: Omit<ConnectOptions, 'names' | 'context'>
): Promise<Connection> {
  const name = settings.tls_server_name ?? target.host
  const place = target.path ?? target.authority
  const socket = connect({
    socket: tcp,
    // The name that the certificate is verified against. SNI supports names only, not addresses (RFC 6066 3).
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

/** OpenSSL's own reason is short and clear, unlike the message around it. */
function reasonOf(error: unknown): string {
  const { reason, message } = error as Error & { reason?: string }
  return (reason ?? message).slice(0, LONGEST_REASON)
}
