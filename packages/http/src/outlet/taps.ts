import { reportFault } from '@reliw/options'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { onEnd } from '../on-end.ts'

/** The head of a response. A tap may change both fields; the body stays as it is, so its length does too. */
export interface ResponseHead {
  status: number
  /** Name, value, name, value, … */
  headers: string[]
}

/** Sees the body of one response. */
export interface BodyTap {
  /**
   * Called with each piece before it is sent, not for HEAD. An error that it throws breaks the response off; with a body
   * that is sent as a whole, it becomes the response instead.
   *
   * @param bytes lent: the memory is reused after the call
   */
  onPiece(bytes: Buffer): void
  /** Called once, after the last piece, or when the response breaks off before that. Errors have no effect. */
  onEnd(isComplete: boolean): void
}

/**
 * Called with the head of each response before it is written, whoever sends it; for a cache, header rules, or a firewall
 * that inspects responses. An error that it throws becomes the response instead, which has its own head.
 *
 * @returns what sees the body; undefined when nothing has to
 */
export type ResponseTap = (reply: FastifyReply, head: ResponseHead) => BodyTap | undefined

/** Decorator that holds the taps of an app. */
export const TAPS = Symbol('response taps')
/** Property of a reply that holds the taps of its body; not a decorator, which Fastify would set for every request. */
const BODY_TAPS = Symbol('body taps')

interface Tapped {
  [BODY_TAPS]?: BodyTap[] | undefined
}

/** The taps of an app, or of a scope of it. */
export function tapsOf(fastify: FastifyInstance): ResponseTap[] | undefined {
  return (fastify as FastifyInstance & { [TAPS]?: ResponseTap[] })[TAPS]
}

/** Shows a head to the taps of the app, and returns it as they have changed it. */
export function tapHead(
  reply: FastifyReply & Tapped,
  status: number,
  headers: string[]
): ResponseHead | undefined {
  const taps = tapsOf(reply.server)
  if (taps === undefined) return undefined
  // An earlier response of this request was given up before its head was sent.
  endTaps(reply, false)
  const head = { status, headers }
  const opened: BodyTap[] = []
  for (const tap of taps) {
    const ofBody = tap(reply, head)
    if (ofBody !== undefined) opened.push(ofBody)
  }
  if (opened.length === 0) return head
  reply[BODY_TAPS] = opened
  onEnd(reply, () => endTaps(reply, false))
  return head
}

/** Shows a piece of the body to the taps. Throws what they throw. */
export function tapPiece(reply: FastifyReply & Tapped, bytes: Buffer): void {
  const taps = reply[BODY_TAPS]
  if (taps !== undefined) for (const tap of taps) tap.onPiece(bytes)
}

/** Reports the end of the body to the taps. */
export function endTaps(reply: FastifyReply & Tapped, isComplete: boolean): void {
  const taps = reply[BODY_TAPS]
  if (taps === undefined) return
  reply[BODY_TAPS] = undefined
  for (const tap of taps) {
    try {
      tap.onEnd(isComplete)
    } catch (error) {
      reportFault(error)
    }
  }
}
