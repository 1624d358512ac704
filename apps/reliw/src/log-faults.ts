import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyBaseLogger } from 'fastify'

const CHANNEL = 'reliw.fault'

/** Writes a line for what was thrown in a callback and contained there. @returns stops that */
export function logFaults(log: FastifyBaseLogger): () => void {
  const onFault = (message: unknown): void => {
    try {
      log.error({ err: (message as { error: unknown }).error }, 'callback failed')
    } catch {
      // What a subscriber throws would end the process.
    }
  }
  subscribe(CHANNEL, onFault)
  return () => void unsubscribe(CHANNEL, onFault)
}
