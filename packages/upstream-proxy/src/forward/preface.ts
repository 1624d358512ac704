import type { Socket } from 'node:net'
import { type ProxyVersion, sourceOf, writeProxyHeader } from '@reliw/http'
import { normalizeAddress } from '@reliw/options'
import type { ReceivedRequest } from '../headers/received-request.ts'

/**
 * The PROXY header for an origin's connection that carries requests of one client. It has a port only where the client's
 * own connection is known: not for one that a trusted proxy names in a header of its request.
 */
export function prefaceOf(
  version: ProxyVersion,
  { clientIp, peerIp }: Pick<ReceivedRequest, 'clientIp' | 'peerIp'>,
  socket: Socket
): Buffer {
  const port = sourceOf(socket)?.port ?? socket.remotePort ?? 0
  return writeProxyHeader(version, {
    clientIp,
    clientPort: clientIp === peerIp ? port : 0,
    serverIp: normalizeAddress(socket.localAddress ?? '') ?? '',
    serverPort: socket.localPort ?? 0
  })
}
