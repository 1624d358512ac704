import { setWithHeaderRules } from '@reliw/http'
import type { FastifyReply } from 'fastify'

/** Sends a complete response: through the outlet (`respond`), or through Fastify and the app's onSend hooks. */
export type Write = (
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body: Buffer | undefined,
  text?: string
) => void

/** Sends a response through Fastify, so that the app's onSend hooks see it. */
export function writeThrough(
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body: Buffer | undefined
): void {
  reply.code(status)
  setWithHeaderRules(reply, status, headers)
  reply.send(body)
}
