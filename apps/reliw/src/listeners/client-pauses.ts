import type { Socket } from 'node:net'

const PAUSES = Symbol('pauses')

/** The pauses of a client between a response and its next request on the same connection. */
export interface Pauses {
  /** When the last response was sent, by `performance.now()`. */
  since: number
  /** The client's usual pause, in milliseconds: the longest of late. */
  usual: number
}

/**
 * Notes that a response on a connection has been sent.
 *
 * @param ms the duration of the request, in milliseconds
 */
export function notePause(socket: Socket & { [PAUSES]?: Pauses }, ms: number): void {
  const now = performance.now()
  const known = socket[PAUSES]
  if (known === undefined) {
    socket[PAUSES] = { since: now, usual: 0 }
    return
  }
  known.usual = Math.max(now - ms - known.since, known.usual * 0.9)
  known.since = now
}

/** The pauses of a connection's client; undefined before its first response. */
export function pausesOf(socket: Socket & { [PAUSES]?: Pauses }): Pauses | undefined {
  return socket[PAUSES]
}
