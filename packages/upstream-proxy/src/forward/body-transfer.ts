import type { FastifyError } from 'fastify'
import { BodyTimeout, BodyTooLarge } from '../errors.ts'
import { type BodyEvents, ClientBody } from './client-body.ts'
import type { ForwardedRequest } from './forwarded-request.ts'
import { Gathering } from './gathering.ts'
import type { Late, Timeouts } from './timeouts.ts'

/** The request that a body belongs to. */
export interface TransferEvents {
  /** The request is worth a connection. */
  onReady(): void
  /** The whole body has been passed on to the origin. */
  onBodySent(): void
  /** The body is too large, or its client too slow. */
  onBodyRefused(error: FastifyError): void
  /** The body has waited too long for memory or for a connection. */
  onBodyHeldUp(): void
  /** An internal exception was thrown. */
  onThrow(error: unknown): void
}

/** The way of a body from the client to the origin: announced or gathered at first, then sent. */
export class BodyTransfer implements BodyEvents {
  readonly body: ClientBody
  readonly #forwarded: ForwardedRequest
  readonly #timeouts: Timeouts
  readonly #events: TransferEvents
  /** Set while the body is not worth a connection. */
  #gathering: Gathering | undefined

  constructor(forwarded: ForwardedRequest, timeouts: Timeouts, events: TransferEvents) {
    const { reply, length, limit, received } = forwarded
    this.#forwarded = forwarded
    this.#timeouts = timeouts
    this.#events = events
    const known = typeof length === 'number' ? length : undefined
    this.body = new ClientBody(reply.request, known, limit, received.clientIp, this)
  }

  /** Whether the client is the one that has stopped sending. */
  get isClientSilent(): boolean {
    return !this.body.isEnded && !this.body.isBlocked
  }

  /** Announces the body to the origin if the client waits for its decision; else gathers it. */
  start(): void {
    const { body } = this
    if (!body.isAwaited || !this.#forwarded.group.mayAnnounce(body.client)) return this.#gather()
    body.hold()
    this.#events.onReady()
  }

  /** Takes no connection until the body is worth one. */
  #gather(): void {
    const { context, group } = this.#forwarded
    const { idle } = group.settings.timeouts
    const gathering = new Gathering(this.body, idle, context.deadlines, group)
    this.#gathering = gathering
    this.#readyOrWait(gathering, gathering.begin())
  }

  #readyOrWait(gathering: Gathering, isReady: boolean): void {
    if (isReady) return this.#ready()
    this.#timeouts.deadline = gathering.deadline
  }

  #ready(): void {
    this.#gathering = undefined
    this.#events.onReady()
  }

  /** The origin may still refuse the body, which the client has not begun to send. */
  onBodyAwaited(): void {
    this.#timeouts.expectDecision()
  }

  /** The client does not wait for 100 Continue, so the body is sent without waiting for the origin. */
  onBodyUnrequested(): void {
    this.requestBody()
  }

  /** Requests the body from the client, if it was announced to the origin. */
  requestBody(): void {
    if (!this.#timeouts.isDecisionExpected) return
    this.#timeouts.expectProgress()
    this.body.startAnnounced()
    if (this.body.isOwed) this.#timeouts.expectBeginning()
  }

  onBodyProgress(): void {
    const gathering = this.#gathering
    if (gathering !== undefined) this.#readyOrWait(gathering, gathering.progress())
    else if (this.body.isUsed) this.#timeouts.expectProgress()
  }

  onBodyEnd(): void {
    if (this.#gathering !== undefined) this.#ready()
    else if (this.body.isUsed) this.#events.onBodySent()
  }

  onBodyTooLarge(): void {
    this.#events.onBodyRefused(new BodyTooLarge())
  }

  onThrow(error: unknown): void {
    this.#events.onThrow(error)
  }

  /** @returns whether the delay was one of the body */
  onLate(late: Late, now: number): boolean {
    const gathering = this.#gathering
    if (late === 'decision') this.requestBody()
    else if (gathering === undefined) return false
    else this.#onGatheringLate(gathering, now)
    return true
  }

  #onGatheringLate(gathering: Gathering, now: number): void {
    const due = gathering.due(now)
    if (due === 'silent') this.#events.onBodyRefused(new BodyTimeout())
    else if (due === 'held up') this.#events.onBodyHeldUp()
    else this.#readyOrWait(gathering, due === 'send')
  }
}
