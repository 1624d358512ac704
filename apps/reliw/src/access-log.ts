import type { IncomingHttpHeaders } from 'node:http'
import { sentBytes } from '@reliw/http'
import { answeredStatus } from '@reliw/metrics'
import { traceIdOf } from '@reliw/upstream-proxy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from './log.ts'
import { quote } from './quote.ts'

/** Has a request's line written when its answer is out, or when its client left before that. */
export type AccessLog = (request: FastifyRequest, reply: FastifyReply) => void

/** Told of the end of a request, and how many milliseconds it took. Must not throw. */
export type EndListener = (request: FastifyRequest, reply: FastifyReply, ms: number) => void

/** The fields of a line in their order, but for the chosen headers: those come before `aborted`. */
export const ACCESS_FIELDS = [
  'level',
  'ts',
  'vhost',
  'method',
  'path',
  'status',
  'size',
  'time',
  'client_ip',
  'forwarded_for',
  'forwarded_real_ip',
  'request_id',
  'user',
  'upstream',
  'cache',
  'waf',
  'error',
  'trace_id',
  'aborted',
  'msg'
]

/** `.000` to `.999` */
const FRACTIONS = Array.from({ length: 1000 }, (_, at) => `.${String(at).padStart(3, '0')}`)

/**
 * One line per request, in the form of the logger's own lines. It is put together here because that takes a
 * fifth of the time.
 *
 * @param headers lower-case names of request headers to show
 * @param onEnd told of every request, whatever is logged
 */
export function createAccessLog(
  { logger, writeLine }: Log,
  headers: readonly string[],
  onEnd?: EndListener
): AccessLog {
  // As keys of an object they are the very strings that headers are looked up by.
  const names = Object.keys(Object.fromEntries(headers.map((name) => [name, true])))
  const shown = names.map((name) => ({ name, label: `,${JSON.stringify(labelOf(name))}:` }))

  function line(request: FastifyRequest, reply: FastifyReply, ms: number): string {
    const { raw, facts } = request
    let fields = ''
    for (const { name, label } of shown) fields += field(label, raw.headers[name])
    if (!reply.raw.writableFinished) fields += ',"aborted":true'
    // Host, address, id and method are of characters that JSON takes as they are.
    return `{"level":30,"ts":${Date.now()},"vhost":"${facts.host ?? ''}","method":"${raw.method}","path":${quote(raw.url ?? '')},"status":${answeredStatus(reply.raw)},"size":${sentBytes(reply)},"time":${toMicrosecond(ms)},"client_ip":"${facts.clientIp}"${forwarded(raw.headers)},"request_id":"${request.id}"${known(request, reply)}${fields},"msg":"request"}\n`
  }

  function fail({ id: request_id }: FastifyRequest, err: unknown): void {
    logger.error({ request_id, err }, 'the end of a request could not be told')
  }

  return (request, reply) => {
    if (onEnd === undefined && !logger.isLevelEnabled('info')) return
    const start = performance.now()
    reply.raw.on('close', () => {
      const ms = performance.now() - start
      try {
        if (logger.isLevelEnabled('info')) writeLine(line(request, reply, ms))
      } catch (err) {
        fail(request, err)
      }
      // Counted whether it was logged or not.
      try {
        onEnd?.(request, reply, ms)
      } catch (err) {
        fail(request, err)
      }
    })
  }
}

/** Of two whole numbers: a fraction takes twice as long to be written. */
function toMicrosecond(ms: number): string {
  const us = Math.round(ms * 1000)
  const rest = us % 1000
  return `${(us - rest) / 1000}${FRACTIONS[rest]}`
}

/** A header that is called like a field must not pass for it. */
function labelOf(name: string): string {
  return ACCESS_FIELDS.includes(name) ? `header_${name}` : name
}

function forwarded(headers: IncomingHttpHeaders): string {
  return (
    field(',"forwarded_for":', headers['x-forwarded-for']) +
    field(',"forwarded_real_ip":', headers['x-real-ip'])
  )
}

/** What somebody has found out of the request. */
function known(
  { identity, upstream, cache, waf, traceparent }: FastifyRequest,
  { errorCode }: FastifyReply
): string {
  return (
    field(',"user":', identity?.user) +
    field(',"upstream":', upstream?.origin ?? upstream?.name) +
    field(',"cache":', cache) +
    field(',"waf":', waf?.action) +
    field(',"error":', errorCode) +
    field(',"trace_id":', traceparent && traceIdOf(traceparent))
  )
}

function field(label: string, value: string | readonly string[] | undefined): string {
  return value === undefined ? '' : label + quote(value)
}
