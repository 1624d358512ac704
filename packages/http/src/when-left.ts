import type { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { hasLeft } from './has-left.ts'

/** Listeners by connection, or by HTTP/2 stream; called when it closes. */
const listenersByConnection = new WeakMap<EventEmitter, Set<() => void>>()

/**
 * Calls `listener` once when the client can no longer receive the response; immediately if it has already left. It uses one
 * `close` listener on the connection for all of its requests, because responses waiting behind others emit no `close`.
 *
 * @param listener must not throw
 * @returns a function that stops listening; call it when the awaited event has come
 */
export function whenLeft(
  raw: ServerResponse | Http2ServerResponse,
  listener: () => void
): () => void {
  if (hasLeft(raw)) {
    listener()
    return () => undefined
  }
  const listeners = listenersOf('stream' in raw ? raw.stream : raw.req.socket)
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function listenersOf(connection: EventEmitter): Set<() => void> {
  const known = listenersByConnection.get(connection)
  if (known !== undefined) return known
  const listeners = new Set<() => void>()
  connection.once('close', () => {
    for (const listener of listeners) listener()
  })
  listenersByConnection.set(connection, listeners)
  return listeners
}
