import type { ServerResponse } from 'node:http'

/**
 * Whether a response is the last that its connection may have (`maxRequestsPerSocket`). Node tells the client so
 * and then waits for it to close; only a Connection header of our own makes node close by itself.
 */
export function isLast(response: ServerResponse): boolean {
  const { maxRequestsOnConnectionReached: reached } = response as ServerResponse & {
    maxRequestsOnConnectionReached?: boolean
  }
  return reached === true
}
