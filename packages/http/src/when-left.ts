import type { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { hasLeft } from './has-left.ts'

/** Listeners by connection, or by HTTP/2 stream; called when it closes. */
const told = new WeakMap<EventEmitter, Set<() => void>>()

/**
 * Calls `tell` once when the client can no longer receive the response; immediately if it has already left. It uses one
 * `close` listener on the connection for all of its requests, because responses waiting behind others emit no `close`.
 *
 * @param tell must not throw
 * @returns a function that stops listening; call it when the awaited event has come
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
