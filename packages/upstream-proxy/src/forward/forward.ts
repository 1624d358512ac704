import {
  type AttemptEvent,
  type FailureKind,
  hasLeft,
  type OutcomeEvent,
  upstreamEvents,
  withOwnHeaders
} from '@reliw/http'
import { clientBlock, guardMethods } from '@reliw/options'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Duplex } from 'node:stream'
import type { Timed } from '../deadlines.ts'
import {
  BadGateway,
  BodyTimeout,
  BodyTooLarge,
  CannotForward,
  GatewayTimeout,
  Unavailable
} from '../errors.ts'
import { type Exchange, isOfAll, OriginFailure } from '../exchange.ts'
import { valueOf } from '../http1/header-fields.ts'
import type { ReceivedRequest, Withheld } from '../headers/received-request.ts'
import { rewriteRequestHeaders } from '../headers/request-headers.ts'
import { rewriteResponseHeaders } from '../headers/response-headers.ts'
import type { Origin } from '../origin/origin.ts'
import type { OriginHandler } from '../origin/waiting.ts'
import type { Admission } from '../policy/circuit-breaker.ts'
import type { FailureSource } from '../policy/failure-tally.ts'
import type { Group } from '../upstream/group.ts'
import { checkRequest, type Forwardable } from './check-request.ts'
import { ClientAnswer, type ClientResponseEvents } from './client-answer.ts'
import { type BodyEvents, ClientBody } from './client-body.ts'
import type { ForwardContext } from './context.ts'
import { Gathering } from './gathering.ts'
import { makeLast } from './last-answer.ts'
import { receive } from './receive.ts'
import { Retries } from './retries.ts'
import { openTunnel, upgradeOf } from './upgrade.ts'

/** Retry-After when no origin is usable, in seconds. */
const RETRY_AFTER = 5
/**
 * Time for an origin to ask for a body or refuse it, in milliseconds: many never send 100 Continue (RFC 9110 10.1.1).
 */
const ASKING = 1000
/** Time for a client to begin its body once it was asked, in milliseconds: it occupies a connection meanwhile. */
const BEGINNING = 5000

type Result = OutcomeEvent['result']

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
  // The client may have left during an earlier await: the response emits `close` only once, and nothing listened then.
  if (hasLeft(reply.raw)) return tellRefused(context, group, request, undefined, 'client left')
  const limit = group.settings.max_body_size ?? context.maxBodySize
  const checked = checkRequest(reply, group.settings, context.pseudonym, limit)
  if (!(checked instanceof Error))
    return new Forward(context, group, reply, checked, limit, withheld).start()
  reply.send(checked)
  tellRefused(context, group, request, checked.statusCode, 'refused')
}

/** One request being forwarded: the attempts at origins, and the response. */
class Forward implements OriginHandler, BodyEvents, ClientResponseEvents, Timed {
  static {
    guardMethods(Forward, (self, error) => self.#abort(error))
  }

  deadline = Infinity
  slot = -1
  readonly #context: ForwardContext
  readonly #group: Group
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #received: ReceivedRequest
  readonly #answer: ClientAnswer
  readonly #begun = performance.now()
  readonly #path: string
  readonly #body: ClientBody | undefined
  /** The admission by the circuit breaker; undefined without one, or when the outcome has been reported. */
  #admission: Admission | undefined
  #isOver = false

  readonly #retries: Retries
  #origin: Origin | undefined
  #exchange: Exchange | undefined
  #sentAt = 0
  #pause: NodeJS.Timeout | undefined
  /** The meaning of the deadline; `asking`: the origin has not responded to the announcement, so the body is sent. */
  #late: FailureKind | 'asking' = 'total timeout'
  /** The time by which the response has to begin. */
  #total = Infinity
  /** Set while the body is not worth a connection. */
  #gathering: Gathering | undefined
  /** Whether the request is being sent to the origin. */
  #isSent = false

  constructor(
    context: ForwardContext,
    group: Group,
    reply: FastifyReply,
    { path, length }: Forwardable,
    limit: number,
    withheld: Withheld | undefined
  ) {
    const { request } = reply
    this.#context = context
    this.#group = group
    this.#request = request
    this.#reply = reply
    this.#path = path
    this.#received = receive(context, request, withheld)
    this.#answer = new ClientAnswer(reply, this)
    if (length !== 'none') {
      const known = length === 'unknown' ? undefined : length
      this.#body = new ClientBody(request, known, limit, () => this.#source.client, this)
    }
    this.#retries = new Retries(group, request.raw.method ?? '', this.#body)
  }

  start(): void {
    this.#reply.raw.on('close', this.#onClientClose)
    this.#context.deadlines.add(this)
    const body = this.#body
    if (body === undefined) return this.#go()
    if (!body.isAwaited || !this.#group.mayAnnounce(body.client)) return this.#gather(body)
    body.hold()
    this.#go()
  }

  onSent(): void {
    this.#isSent = true
    if (this.#body === undefined) return this.#expect('headers timeout')
    this.onBodyProgress()
  }

  /** The origin may still refuse the body, which the client has not begun to send. */
  onBodyAwaited(): void {
    this.#late = 'asking'
    this.deadline = this.#context.deadlines.after(ASKING)
  }

  /** The client does not wait for 100 Continue, so the body is sent without waiting for the origin. */
  onBodyUnasked(): void {
    this.#askForBody()
  }

  onInformation(status: number, headers: readonly string[]): void {
    // The client gets 100 Continue from this server when its body is read.
    if (status === 100) return this.#askForBody()
    const { context } = this.#origin as Origin
    this.#answer.inform(status, rewriteResponseHeaders(headers, this.#received, context))
  }

  onHead(status: number, headers: readonly string[]): void {
    const { settings } = this.#group
    this.#origin?.health.succeed()
    this.#tellAttempt({ status })
    const pause = this.#retries.afterAnswer(status, headers, this.#total)
    if (pause !== undefined) return this.#retry(pause)
    const { circuit_breaker: breaker } = settings
    const isSuccess = breaker === false || !breaker.statuses.includes(status)
    if (isSuccess || !this.#retries.hasOther)
      this.#judge(isSuccess, isSuccess ? undefined : this.#source)
    this.#expect('idle timeout')
    this.#answer.begin(status, this.#rewrite(headers))
  }

  onData(chunk: Buffer, isLast: boolean): boolean {
    const takesMore = this.#answer.write(chunk, isLast)
    // The client may be slow: the buffers that hold the data for it give no sign of progress until they are empty.
    if (takesMore) this.#expect('idle timeout')
    else this.deadline = this.#context.deadlines.after(2 * this.#group.settings.timeouts.idle)
    return takesMore
  }

  onEnd(trailers: readonly string[]): void {
    this.#exchange = undefined
    this.#answer.end(trailers)
    this.#end('answered')
  }

  onUpgrade(headers: readonly string[], socket: Duplex, head: Buffer): void {
    this.#exchange = { resume: () => undefined, cancel: () => void socket.destroy() }
    this.#origin?.health.succeed()
    this.#tellAttempt({ status: 101 })
    this.#judge(true)
    const origin = this.#origin as Origin
    const isOpen = openTunnel({
      ...this.#context,
      raw: this.#request.raw,
      reply: this.#reply,
      headers: this.#rewrite(headers),
      protocol: valueOf(headers, 'upgrade') ?? '',
      origin: socket,
      originHead: head,
      idleTimeout: this.#group.settings.timeouts.upgrade,
      onClose: () => origin.active--
    })
    if (!isOpen) {
      this.#exchange.cancel()
      const cause = new OriginFailure('protocol', 'an upgrade to what was not asked for')
      const upstream = { name: this.#group.name, origin: origin.name, failure: cause.kind }
      return this.#end('failed', Object.assign(new BadGateway(), { cause, upstream }))
    }
    // The tunnel counts as one of the origin's exchanges until it closes; `onClose` decrements the number.
    this.#origin = undefined
    this.#end('answered')
  }

  onError(failure: OriginFailure): void {
    this.#exchange = undefined
    if (failure.kind === 'internal') return this.#abort(failure)
    this.#fail(failure)
  }

  onThrow(error: unknown): void {
    this.#abort(error)
  }

  onBodyProgress(): void {
    const gathering = this.#gathering
    if (gathering !== undefined) this.#goOrWait(gathering, gathering.progress())
    else if (this.#isSent) this.#expect('idle timeout', false)
  }

  onBodyEnd(): void {
    if (this.#gathering !== undefined) return this.#go()
    if (this.#isSent && !this.#answer.isBegun && !this.#isOver)
      this.#expect('headers timeout', false)
  }

  onBodyTooLarge(): void {
    this.#exchange?.cancel()
    this.#exchange = undefined
    this.#refuseBody(new BodyTooLarge())
  }

  onLate(now: number): void {
    const late = this.#late
    if (late === 'asking') return this.#askForBody()
    const gathering = this.#gathering
    if (gathering === undefined) return this.#giveUp(late)
    const due = gathering.due(now)
    if (due === 'silent') return this.#refuseBody(new BodyTimeout())
    if (due === 'held up') return this.#unavailable('pool timeout', 1)
    this.#goOrWait(gathering, due === 'send')
  }

  #giveUp(late: FailureKind): void {
    const isQueued = this.#exchange !== undefined && this.#origin?.isQueued(this.#exchange) === true
    this.#exchange?.cancel()
    this.#exchange = undefined
    if (late === 'idle timeout' && this.#isClientSilent())
      return this.#refuseBody(new BodyTimeout())
    if (isQueued) return this.#unavailable('pool timeout', 1)
    // The client takes no data: the origin is not at fault.
    if (this.#reply.raw.writableNeedDrain) {
      this.#answer.breakOff()
      return this.#end('client left')
    }
    this.#fail(new OriginFailure(late, 'the origin took too long'))
  }

  /** Takes no connection until the body is worth one. */
  #gather(body: ClientBody): void {
    const { idle } = this.#group.settings.timeouts
    const gathering = new Gathering(body, idle, this.#context.deadlines, this.#group)
    this.#gathering = gathering
    this.#goOrWait(gathering, gathering.begin())
  }

  #goOrWait(gathering: Gathering, isDue: boolean): void {
    if (isDue) return this.#go()
    this.deadline = gathering.deadline
  }

  #go(): void {
    this.#gathering = undefined
    const { breaker, budget } = this.#group
    this.#admission = breaker?.admit(this.#body?.isWhole === false)
    if (breaker !== undefined && this.#admission === undefined) {
      return this.#unavailable('circuit open', breaker.retryAfter())
    }
    budget?.deposit()
    this.#total = this.#context.deadlines.after(this.#group.settings.timeouts.total)
    this.attempt()
  }

  attempt(): void {
    this.#isSent = false
    const { lb } = this.#group.settings
    const { raw, upstream } = this.#request
    const key = lb === 'hash' ? this.#group.keyOf(raw.headers, this.#received.clientIp) : ''
    const origin = this.#group.choose(this.#retries.tried, key)
    if (origin === undefined) return this.#unavailable('no origin', RETRY_AFTER)
    this.#origin = origin
    origin.active++
    if (upstream !== undefined) upstream.origin = origin.name
    this.#retries.tried.push(origin)
    this.#sentAt = performance.now()
    this.#late = 'total timeout'
    this.deadline = this.#total
    const { target } = origin
    const exchange = origin.send(
      {
        method: raw.method ?? '',
        path: this.#path,
        scheme: target.scheme,
        authority: this.#group.settings.preserve_host
          ? this.#received.publicHost
          : target.authority,
        headers: rewriteRequestHeaders(this.#received, origin.context),
        body: this.#body,
        upgrade: upgradeOf(raw)?.protocol
      },
      this
    )
    if (exchange === undefined) {
      if (!this.#retries.hasOther) return this.#unavailable('pool full', 1)
      this.#leaveOrigin()
      return this.attempt()
    }
    // The failure of the origin may already have been reported, and the attempt ended.
    if (this.#origin === origin) this.#exchange = exchange
  }

  #rewrite(headers: readonly string[]): readonly string[] {
    const origin = this.#origin as Origin
    return withOwnHeaders(
      this.#reply,
      rewriteResponseHeaders(headers, this.#received, origin.context)
    )
  }

  /** An internal exception ends this request, and no other. */
  #abort(error: unknown): void {
    try {
      const { id: request_id, server } = this.#request
      const upstream = { name: this.#group.name, origin: this.#origin?.name }
      server.log.error({ request_id, upstream, err: error }, 'forwarding failed')
      this.#exchange?.cancel()
      // If ending the request threw, no other response can be sent.
      if (this.#answer.isBegun || this.#isOver) this.#answer.breakOff()
      this.#end('failed', this.#answer.isBegun ? undefined : new CannotForward('forwarding failed'))
    } catch {
      this.#reply.raw.destroy()
    }
  }

  #fail(failure: OriginFailure): void {
    this.#tellAttempt({ failure: failure.kind })
    const origin = this.#origin
    const source = isOfAll(failure.kind) ? undefined : this.#source
    if (origin !== undefined) this.#group.blame(origin, source)
    const { name } = this.#group
    const upstream = {
      name,
      origin: origin?.name,
      attempts: this.#retries.tried.length,
      failure: failure.kind
    }
    if (this.#answer.isBegun) {
      const { id: request_id, server } = this.#request
      server.log.warn({ request_id, upstream, err: failure }, 'answer broke off')
      this.#answer.breakOff()
      return this.#end('failed')
    }
    const pause = this.#retries.afterFailure(failure, this.#total)
    if (pause !== undefined) return this.#retry(pause)
    // A single failed origin is no reason to open the circuit of the whole upstream.
    if (!this.#retries.hasOther) this.#judge(false, source)
    const error = failure.status === 504 ? new GatewayTimeout() : new BadGateway()
    const result = this.#retries.tried.length > 1 ? 'retries exhausted' : 'failed'
    this.#end(result, Object.assign(error, { cause: failure, upstream }))
  }

  /** The rest of the body is not read, so the connection cannot be used for another request. */
  #refuseBody(error: FastifyError): void {
    if (this.#answer.isBegun) {
      this.#answer.breakOff()
      return this.#end('failed')
    }
    makeLast(this.#reply)
    this.#end('refused', error)
  }

  /** Another attempt, preferably at an origin that was not tried yet. */
  #retry(pause: number): void {
    this.#exchange?.cancel()
    this.#leaveOrigin()
    this.#tellRetry(pause)
    this.#late = 'total timeout'
    this.deadline = this.#total
    this.#pause = setTimeout(() => this.attempt(), pause)
  }

  /** Sets the next deadline and its meaning. */
  #expect(late: 'headers timeout' | 'idle timeout', isBounded = !this.#answer.isBegun): void {
    const { timeouts } = this.#group.settings
    const ms = late === 'headers timeout' ? timeouts.headers : timeouts.idle
    this.#late = late
    this.deadline = this.#context.deadlines.after(ms)
    if (!isBounded || this.#total >= this.deadline) return
    this.#late = 'total timeout'
    this.deadline = this.#total
  }

  #askForBody(): void {
    if (this.#late !== 'asking') return
    this.#expect('idle timeout', false)
    this.#body?.ask()
    if (this.#body?.isOwed === true)
      this.deadline = Math.min(this.deadline, this.#context.deadlines.after(BEGINNING))
  }

  /** Whether the client is the one that has stopped sending. */
  #isClientSilent(): boolean {
    const body = this.#body
    return body !== undefined && !body.isEnded && !body.isBlocked
  }

  onDrain(): void {
    if (this.#exchange === undefined) return
    this.#expect('idle timeout')
    this.#exchange.resume()
  }

  readonly #onClientClose = (): void => this.onClientClose()

  onClientClose(): void {
    if (this.#isOver) return
    this.#exchange?.cancel()
    if (this.#origin !== undefined && !this.#answer.isBegun)
      this.#tellAttempt({ failure: 'client left' })
    this.#end('client left')
  }

  get #source(): FailureSource {
    const { clientIp } = this.#received
    const [path = ''] = (this.#request.raw.url ?? '').split('?', 1)
    return { client: clientBlock(clientIp) ?? clientIp, path }
  }

  #judge(isSuccess: boolean, source?: FailureSource): void {
    const admission = this.#admission
    this.#admission = undefined
    if (admission === undefined) return
    if (isSuccess) this.#group.breaker?.succeed(admission)
    else this.#group.breaker?.fail(admission, source)
  }

  #unavailable(
    reason: 'circuit open' | 'no origin' | 'pool full' | 'pool timeout',
    seconds: number
  ): void {
    this.#reply.header('retry-after', String(seconds))
    const upstream = { name: this.#group.name, reason }
    this.#end(reason, Object.assign(new Unavailable(), { upstream }))
  }

  #leaveOrigin(): void {
    if (this.#origin !== undefined) this.#origin.active--
    this.#origin = undefined
    this.#exchange = undefined
  }

  #end(result: Result, error?: FastifyError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#context.deadlines.delete(this)
    clearTimeout(this.#pause)
    this.#leaveOrigin()
    if (this.#admission !== undefined) this.#group.breaker?.release(this.#admission)
    this.#body?.stop()
    if (error !== undefined) this.#reply.send(error)
    if (!upstreamEvents.outcome.hasSubscribers) return
    const status = error?.statusCode ?? this.#reply.raw.statusCode
    upstreamEvents.outcome.publish({
      publisher: this.#context.publisher,
      upstream: this.#group.name,
      requestId: this.#request.id,
      attempts: this.#retries.tried.length,
      ms: performance.now() - this.#begun,
      status: result === 'client left' ? undefined : status,
      result
    })
  }

  #tellRetry(delay: number): void {
    if (!upstreamEvents.retry.hasSubscribers) return
    upstreamEvents.retry.publish({
      publisher: this.#context.publisher,
      upstream: this.#group.name,
      requestId: this.#request.id,
      attempt: this.#retries.tried.length + 1,
      delay
    })
  }

  #tellAttempt(outcome: Pick<AttemptEvent, 'status' | 'failure'>): void {
    if (!upstreamEvents.attempt.hasSubscribers || this.#origin === undefined) return
    upstreamEvents.attempt.publish({
      publisher: this.#context.publisher,
      upstream: this.#group.name,
      requestId: this.#request.id,
      origin: this.#origin.name,
      attempt: this.#retries.tried.length,
      ms: performance.now() - this.#sentAt,
      ...outcome
    })
  }
}

/** Publishes the outcome of a request that is not sent to any origin. */
function tellRefused(
  { publisher }: ForwardContext,
  { name: upstream }: Group,
  { id: requestId }: FastifyRequest,
  status: number | undefined,
  result: Result
): void {
  const { outcome } = upstreamEvents
  if (!outcome.hasSubscribers) return
  outcome.publish({ publisher, upstream, requestId, attempts: 0, ms: 0, status, result })
}
