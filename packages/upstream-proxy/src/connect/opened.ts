import type { Socket } from 'node:net'
import { OriginFailure } from '../exchange.ts'

export interface Opening {
  readonly event: 'connect' | 'secureConnect'
  /** The time limit, in milliseconds. */
  readonly ms: number
  readonly signal: AbortSignal | undefined
  /** The operation, for messages. */
  readonly what: string
}

/**
 * Waits until a socket is open. Otherwise destroys it and rejects: with OriginFailure after a timeout or an abort, else
 * with the socket's error.
 */
export async function opened(socket: Socket, { event, ms, signal, what }: Opening): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => reject(new Error('the connection was closed'))
  const onAbort = (): void => {
    socket.destroy(new OriginFailure('connect', `${what} was aborted`, { isUnsent: true }))
  }
  const onLate = (): void => {
    const message = `${what} took longer than ${ms} ms`
    socket.destroy(new OriginFailure('connect timeout', message, { isUnsent: true }))
  }
  const timer = setTimeout(onLate, ms)
  signal?.addEventListener('abort', onAbort)
  socket.once(event, resolve).once('error', reject).once('close', onClose)
  // This listener stays: without one, an error before the next owner listens would end the process.
  socket.on('error', ignore)
  try {
    if (signal?.aborted) onAbort()
    await promise
    // A socket that opened and failed in one turn of the event loop: the next owner would not be notified.
    if (socket.destroyed) throw new Error('the connection was closed')
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    socket.off(event, resolve).off('error', reject).off('close', onClose)
  }
}

function ignore(): void {}
