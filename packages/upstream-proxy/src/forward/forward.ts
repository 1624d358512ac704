import { onEnd } from '@reliw/http'
import { guardMethods } from '@reliw/options'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Duplex } from 'node:stream'
import { BodyTimeout, CannotForward } from '../errors.ts'
import { isOfAll, OriginFailure } from '../exchange.ts'
import type { Withheld } from '../headers/received-request.ts'
import type { OriginHandler } from '../origin/waiting.ts'
import type { Admission } from '../policy/circuit-breaker.ts'
import type { FailureSource } from '../policy/failure-tally.ts'
import type { Group } from '../upstream/group.ts'
import { Attempt } from './attempt.ts'
import { BodyTransfer, type TransferEvents } from './body-transfer.ts'
import { ClientResponse, type ClientResponseEvents } from './client-response.ts'
import type { ForwardContext } from './context.ts'
import {
  type FailedUpstream,
  gatewayError,
  unavailable,
  type Unavailability
} from './failed-responses.ts'
import { failureSource } from './failure-source.ts'
import { acceptRequest, type ForwardedRequest } from './forwarded-request.ts'
import { makeLast } from './last-request.ts'
import { reportOutcome, reportRetry, type Result } from './reports.ts'
import { Retries } from './retries.ts'
import { type Late, type TimeoutEvents, Timeouts } from './timeouts.ts'

/** Retry-After when no origin is usable, in seconds. */
const RETRY_AFTER = 5

/**
 * Forwards a request whose body has not been read; a response is sent in every case.
 *
 * @param withheld cookies and headers that the origin does not get
 */
export function forward(
  context: ForwardContext,
  group: Group,
  request: FastifyRequest,
  reply: FastifyReply,
  withheld: Withheld | undefined
): void {
  const forwarded = acceptRequest(context, group, request, reply, withheld)
  if (forwarded !== undefined) new Forward(forwarded).start()
}

/** One request being forwarded: the attempts at origins, and the response. */
class Forward implements OriginHandler, ClientResponseEvents, TimeoutEvents, TransferEvents {
  static {
    guardMethods(Forward, (self, error) => self.#abort(error))
  }

  readonly #forwarded: ForwardedRequest
  readonly #response: ClientResponse
  readonly #timeouts: Timeouts
  /** Undefined for a request without a body. */
  readonly #transfer: BodyTransfer | undefined
  readonly #retries: Retries
  /** The admission by the circuit breaker; undefined without one, or when the outcome has been reported. */
  #admission: Admission | undefined
  /** Undefined before the first attempt, between two of them, and when the connection has become a tunnel. */
  #attempt: Attempt | undefined
  #pause: NodeJS.Timeout | undefined
  #isOver = false

  constructor(forwarded: ForwardedRequest) {
    this.#forwarded = forwarded
    this.#response = new ClientResponse(forwarded.reply, this)
    this.#timeouts = new Timeouts(forwarded.context.deadlines, forwarded.group, this)
    if (forwarded.length !== 'none')
      this.#transfer = new BodyTransfer(forwarded, this.#timeouts, this)
    this.#retries = new Retries(forwarded, this.#transfer?.body)
  }

  start(): void {
    onEnd(this.#forwarded.reply, () => this.onClientClose())
    this.#timeouts.start()
    if (this.#transfer === undefined) this.onReady()
    else this.#transfer.start()
  }

  /** The request is worth a connection: the circuit breaker decides whether it is sent. */
  onReady(): void {
    const { breaker, budget } = this.#forwarded.group
    this.#admission = breaker?.admit(this.#transfer?.body.isWhole === false)
    if (breaker !== undefined && this.#admission === undefined)
      return this.#unavailable('circuit open', breaker.retryAfter())
    budget?.deposit()
    this.#timeouts.startTotal()
    this.attempt()
  }

  attempt(): void {
    const origin = this.#retries.nextOrigin()
    if (origin === undefined) return this.#unavailable('no origin', RETRY_AFTER)
    const { upstream } = this.#forwarded.reply.request
    if (upstream !== undefined) upstream.origin = origin.name
    const attempt = new Attempt(this.#forwarded, origin, this.#retries.attempts)
    this.#attempt = attempt
    this.#timeouts.expectWithinTotal()
    if (attempt.send(this.#transfer?.body, this)) return
    if (!this.#retries.hasOther) return this.#unavailable('pool full', 1)
    attempt.end()
    this.attempt()
  }

  onSent(): void {
    if (this.#transfer !== undefined) return this.#timeouts.expectProgress()
    this.#timeouts.expectHead()
    this.#timeouts.limitToTotal()
  }

  onBodySent(): void {
    if (!this.#response.isBegun) this.#timeouts.expectHead()
  }

  onInterim(status: number, headers: readonly string[]): void {
    // The client gets 100 Continue from this server when its body is read.
    if (status === 100) this.#transfer?.requestBody()
    else this.#response.inform(status, (this.#attempt as Attempt).rewrite(headers))
  }

  onHead(status: number, headers: readonly string[]): void {
    const attempt = this.#attempt as Attempt
    attempt.succeed(status)
    const pause = this.#retries.afterResponse(status, headers, this.#timeouts.total)
    if (pause !== undefined) return this.#retry(pause)
    const { circuit_breaker: breaker } = this.#forwarded.group.settings
    const isSuccess = breaker === false || !breaker.statuses.includes(status)
    if (isSuccess) this.#judge(true)
    else if (!this.#retries.hasOther) this.#judge(false, failureSource(this.#forwarded))
    this.#timeouts.expectProgress()
    this.#timeouts.limitToTotal()
    this.#response.begin(status, attempt.rewrite(headers))
  }

  onData(chunk: Buffer, isLast: boolean): boolean {
    const takesMore = this.#response.write(chunk, isLast)
    if (takesMore) this.#timeouts.expectProgress()
    else this.#timeouts.expectDrain()
    return takesMore
  }

  onDrain(): void {
    if (this.#attempt?.isUnderWay !== true) return
    this.#timeouts.expectProgress()
    this.#attempt.resume()
  }

  onEnd(trailers: readonly string[]): void {
    this.#attempt?.end()
    this.#response.end(trailers)
    this.#end('answered')
  }

  onUpgrade(headers: readonly string[], socket: Duplex, head: Buffer): void {
    const attempt = this.#attempt as Attempt
    attempt.switchTo(socket)
    this.#judge(true)
    if (attempt.openTunnel(headers, socket, head)) {
      // The attempt ends with the tunnel.
      this.#attempt = undefined
      return this.#end('answered')
    }
    attempt.cancel()
    const failure = new OriginFailure('protocol', 'an upgrade to a protocol that was not requested')
    this.#end('failed', gatewayError(failure, this.#describe(failure)))
  }

  onLate(late: Late, now: number): void {
    if (this.#transfer?.onLate(late, now) === true || late === 'decision') return
    const isQueued = this.#attempt?.isQueued === true
    this.#attempt?.cancel()
    if (late === 'idle timeout' && this.#transfer?.isClientSilent === true)
      return this.onBodyRefused(new BodyTimeout())
    if (isQueued) return this.#unavailable('pool timeout', 1)
    // The client takes no data: the origin is not at fault.
    if (this.#forwarded.reply.raw.writableNeedDrain) return this.#breakOff('client left')
    this.#fail(new OriginFailure(late, 'the origin took too long'))
  }

  onError(failure: OriginFailure): void {
    this.#attempt?.end()
    if (failure.kind === 'internal') this.#abort(failure)
    else this.#fail(failure)
  }

  #fail(failure: OriginFailure): void {
    const { kind } = failure
    const source = isOfAll(kind) ? undefined : failureSource(this.#forwarded)
    this.#attempt?.fail(kind, source)
    const upstream = this.#describe(failure)
    if (this.#response.isBegun) {
      const { id: request_id, server } = this.#forwarded.reply.request
      server.log.warn({ request_id, upstream, err: failure }, 'response broke off')
      return this.#breakOff('failed')
    }
    const pause = this.#retries.afterFailure(failure, this.#timeouts.total)
    if (pause !== undefined) return this.#retry(pause)
    // A single failed origin is no reason to open the circuit of the whole upstream.
    if (!this.#retries.hasOther) this.#judge(false, source)
    const result = this.#retries.attempts > 1 ? 'retries exhausted' : 'failed'
    this.#end(result, gatewayError(failure, upstream))
  }

  /** Another attempt, preferably at an origin that was not tried yet. */
  #retry(pause: number): void {
    this.#attempt?.cancel()
    this.#attempt = undefined
    reportRetry(this.#forwarded, this.#retries.attempts + 1, pause)
    this.#timeouts.expectWithinTotal()
    this.#pause = setTimeout(() => this.attempt(), pause)
  }

  /** The rest of the body is not read, so the connection cannot be used for another request. */
  onBodyRefused(error: FastifyError): void {
    this.#attempt?.cancel()
    if (this.#response.isBegun) return this.#breakOff('failed')
    makeLast(this.#forwarded.reply)
    this.#end('refused', error)
  }

  onBodyHeldUp(): void {
    this.#unavailable('pool timeout', 1)
  }

  #unavailable(reason: Unavailability, retryAfter: number): void {
    this.#end(reason, unavailable(this.#forwarded, reason, retryAfter))
  }

  onClientClose(): void {
    if (this.#isOver) return
    this.#attempt?.cancel()
    if (!this.#response.isBegun) this.#attempt?.report({ failure: 'client left' })
    this.#end('client left')
  }

  onThrow(error: unknown): void {
    this.#abort(error)
  }

  /** An internal exception ends this request, and no other. */
  #abort(error: unknown): void {
    try {
      const { group, reply } = this.#forwarded
      const { id: request_id, server } = reply.request
      const upstream = { name: group.name, origin: this.#attempt?.origin.name }
      server.log.error({ request_id, upstream, err: error }, 'forwarding failed')
      this.#attempt?.cancel()
      // If ending the request threw, no other response can be sent.
      if (this.#response.isBegun || this.#isOver) this.#response.breakOff()
      this.#end(
        'failed',
        this.#response.isBegun ? undefined : new CannotForward('forwarding failed')
      )
    } catch {
      this.#forwarded.reply.raw.destroy()
    }
  }

  #judge(isSuccess: boolean, source?: FailureSource): void {
    const admission = this.#admission
    this.#admission = undefined
    if (admission === undefined) return
    const { breaker } = this.#forwarded.group
    if (isSuccess) breaker?.succeed(admission)
    else breaker?.fail(admission, source)
  }

  #describe({ kind }: OriginFailure): FailedUpstream {
    return {
      name: this.#forwarded.group.name,
      origin: this.#attempt?.origin.name,
      attempts: this.#retries.attempts,
      failure: kind
    }
  }

  #breakOff(result: Result): void {
    this.#response.breakOff()
    this.#end(result)
  }

  #end(result: Result, error?: FastifyError): void {
    if (this.#isOver) return
    this.#isOver = true
    const { group, reply } = this.#forwarded
    this.#timeouts.stop()
    clearTimeout(this.#pause)
    this.#attempt?.end()
    if (this.#admission !== undefined) group.breaker?.release(this.#admission)
    this.#transfer?.body.stop()
    if (error !== undefined) reply.send(error)
    const status = error?.statusCode ?? reply.raw.statusCode
    reportOutcome(this.#forwarded, this.#retries.attempts, result, status)
  }
}
