import { awaitsTurn, closeAfter, onTurn } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadRequest } from '../errors.ts'
import { bodyLength } from './body-framing.ts'
import { endAfter, lastRequestOf } from './last-request.ts'

/**
 * A hook that refuses whatever follows the last request of a connection: it is not a request. Must see the requests of
 * a connection in the order in which they arrived, each either at once or in its turn: the last request may be known
 * before earlier ones begin.
 */
export function keepOrder(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  next: (error?: Error) => void
): void {
  if (bodyLength(raw) === 'invalid') endAfter(raw)
  const last = lastRequestOf(raw)
  if (last === undefined) return next()
  if (last === raw) {
    closeAfter(reply.raw)
    return next()
  }
  const isLater = awaitsTurn(reply.raw) || last.destroyed
  next(isLater ? new BadRequest() : undefined)
}

/**
 * Calls `go` when it is a pipelined request's turn, or when its client has left: before its turn, a disconnect of the
 * client would go unnoticed.
 */
export function goInTurn(reply: FastifyReply, go: () => void): void {
  const { raw } = reply
  const goOnce = guarded(
    (): void => {
      stopWaiting()
      raw.off('close', goOnce)
      go()
    },
    (error) => void reply.send(error)
  )
  const stopWaiting = onTurn(raw, goOnce)
  raw.once('close', goOnce)
}
