import { type FaultEvent, faults } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'

/**
 * Logs errors that were thrown in a callback and caught there, anywhere in the process. Returns a function that ends
 * the logging.
 */
export function logFaults(log: FastifyBaseLogger): () => void {
  const onFault = (event: FaultEvent): void => {
    try {
      log.error({ err: event.error }, 'callback failed')
    } catch {
      // An error thrown by a subscriber would end the process.
    }
  }
  faults.subscribe(onFault)
  return () => faults.unsubscribe(onFault)
}
