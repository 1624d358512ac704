import type { Socket } from 'node:net'
import { OriginFailure } from '../exchange.ts'

export interface Opening {
  readonly event: 'connect' | 'secureConnect'
  /** How long it may take, in milliseconds. */
  readonly ms: number
  readonly signal: AbortSignal | undefined
  /** What is being done, for messages. */
  readonly what: string
}

/**
 * Waits for a socket to be open. Rejects, the socket destroyed, with OriginFailure when it took too long or
 * was aborted, else with what the socket said.
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
  // Stays: an error that comes before the next owner listens would end the process.
  socket.on('error', ignore)
  try {
    if (signal?.aborted) onAbort()
    await promise
    // Opened and broken in one turn of the loop: the next owner would never hear of it.
    if (socket.destroyed) throw new Error('the connection was closed')
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    socket.off(event, resolve).off('error', reject).off('close', onClose)
  }
}

function ignore(): void {}
