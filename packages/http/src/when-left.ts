import type { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { hasLeft } from './has-left.ts'

/** Those who are told when a connection, or a stream of HTTP/2, closes. */
const told = new WeakMap<EventEmitter, Set<() => void>>()

/**
 * Tells once that nobody is there any more to be answered: at once where the client has left before. It is the connection
 * that tells, by one listener for all of its requests: responses behind others of their connection get no `close`.
 *
 * @param tell must not throw
 * @returns stops telling: to be called when what was waited for has come
 */
export function whenLeft(raw: ServerResponse | Http2ServerResponse, tell: () => void): () => void {
  if (hasLeft(raw)) {
    tell()
    return () => undefined
  }
  const listening = listenersOf('stream' in raw ? raw.stream : raw.req.socket)
  listening.add(tell)
  return () => void listening.delete(tell)
}

function listenersOf(connection: EventEmitter): Set<() => void> {
  const known = told.get(connection)
  if (known !== undefined) return known
  const listening = new Set<() => void>()
  connection.once('close', () => {
    for (const tell of listening) tell()
  })
  told.set(connection, listening)
  return listening
}
