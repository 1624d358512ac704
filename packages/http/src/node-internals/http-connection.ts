import type { Socket } from 'node:net'

/** Node's HTTP parser of a connection. */
interface Parser {
  onIncoming: () => number
  resume(): void
}

type HttpSocket = Socket & { parser?: Parser | null }

/**
 * Whether Node reads HTTP/1 requests from a connection: false for HTTP/2, and after CONNECT or an upgrade.
 *
 * `parser`: no documented API shows a `connection` listener the protocol of the connection.
 */
export function readsRequests(socket: HttpSocket): boolean {
  return socket.parser != null
}

/**
 * Stops reading requests of a connection until {@link releaseRequests}. Node calls `socket.resume()` whenever it has
 * sent something, so call this again at each `resume` event. Data already read is parsed to its end. No effect on other
 * protocols.
 *
 * `_paused`: makes Node's server stop reading further requests. HTTP/2 limits its streams by SETTINGS.
 */
export function holdRequests(socket: HttpSocket): void {
  if (!readsRequests(socket)) return
  Object.assign(socket, { _paused: true })
  socket.pause()
}

/**
 * Resumes reading after {@link holdRequests}.
 *
 * `parser.resume`: Node also pauses the parser of a connection that is held while body data is parsed, and a paused
 * parser treats the next data as an error.
 */
export function releaseRequests(socket: HttpSocket): void {
  const { parser } = socket
  if (parser == null) return
  Object.assign(socket, { _paused: false })
  parser.resume()
  socket.resume()
}

/**
 * Makes Node drop every request that it still parses on a connection which is about to be destroyed.
 *
 * `parser.onIncoming`: data already read is parsed to its end, and Node would keep each request in it until the event
 * loop reaches `close`. HTTP/2 has no such parser.
 */
export function dropRequests({ parser }: HttpSocket): void {
  if (parser) parser.onIncoming = () => 0
}
