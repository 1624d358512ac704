import { reportFault } from '@reliw/options'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Called when a request has ended: its response was sent, or its client has left before that. */
export type EndListener = (request: FastifyRequest, reply: FastifyReply) => void

/** Property of a reply that holds the listeners for its end. */
export const END_LISTENERS = Symbol('end listeners')

interface Ending {
  [END_LISTENERS]?: EndListener[]
}

/**
 * Calls a listener once, at the one end of a request, however it ends; in the order in which listeners were added. An
 * error thrown by a listener is published on `reliw.fault`, and the other listeners are still called.
 *
 * Add the listener before anything is awaited: a response that has been closed does not report its end again; see
 * `hasLeft`. Without `@reliw/limits`, a response that waits behind others when its client leaves does not end.
 */
export function onEnd(reply: FastifyReply & Ending, listener: EndListener): void {
  const known = reply[END_LISTENERS]
  if (known !== undefined) return void known.push(listener)
  const listeners = [listener]
  reply[END_LISTENERS] = listeners
  reply.raw.on('close', () => {
    for (const one of listeners) callSafely(one, reply)
  })
}

function callSafely(listener: EndListener, reply: FastifyReply): void {
  try {
    listener(reply.request, reply)
  } catch (error) {
    reportFault(error)
  }
}
