import type { Socket } from 'node:net'

const PAUSES = Symbol('pauses')

/** When a client that keeps its connection sends its requests. */
export interface Pauses {
  /** When its last answer was out, by `performance.now()`. */
  since: number
  /** How long it lets pass between an answer and its next request: the longest of late, in milliseconds. */
  usual: number
}

/** Notes that a request of a connection has its answer. @param ms how long it took */
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

/** What is known of a connection's client; undefined before it has had its first answer. */
export function pausesOf(socket: Socket & { [PAUSES]?: Pauses }): Pauses | undefined {
  return socket[PAUSES]
}
