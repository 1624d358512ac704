import { type FaultEvent, faults } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'

/** Writes a line for what was thrown in a callback and contained there, anywhere in the process. @returns stops that */
export function logFaults(log: FastifyBaseLogger): () => void {
  const onFault = (event: FaultEvent): void => {
    try {
      log.error({ err: event.error }, 'callback failed')
    } catch {
      // What a subscriber throws would end the process.
    }
  }
  faults.subscribe(onFault)
  return () => faults.unsubscribe(onFault)
}
