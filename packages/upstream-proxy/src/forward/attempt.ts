import { type FailureKind, headerRulesOf, valueOf } from '@reliw/http'
import type { Duplex } from 'node:stream'
import type { Exchange, RequestBody } from '../exchange.ts'
import type { OriginContext } from '../headers/received-request.ts'
import { rewriteRequestHeaders } from '../headers/request-headers.ts'
import { rewriteResponseHeaders } from '../headers/response-headers.ts'
import type { Origin } from '../origin/origin.ts'
import type { OriginHandler } from '../origin/waiting.ts'
import type { FailureSource } from '../policy/failure-tally.ts'
import type { ForwardedRequest } from './forwarded-request.ts'
import { type AttemptResult, reportAttempt } from './reports.ts'
import { prefaceOf } from './preface.ts'
import { openTunnel, upgradeOf } from './upgrade.ts'

/** One attempt to have a request served by an origin; it counts as under way there until it ends. */
export class Attempt {
  readonly origin: Origin
  /** The number of the attempt, from 1. */
  readonly number: number
  /** When the attempt began, by `performance.now()`. */
  readonly sentAt = performance.now()
  readonly #forwarded: ForwardedRequest
  readonly #context: OriginContext
  #exchange: Exchange | undefined
  #isEnded = false

  constructor(forwarded: ForwardedRequest, origin: Origin, number: number) {
    this.#forwarded = forwarded
    this.origin = origin
    this.#context = origin.context
    this.number = number
    origin.active++
  }

  /** Whether the request waits for other exchanges to end, which is not the fault of the origin. */
  get isQueued(): boolean {
    return this.#exchange !== undefined && this.origin.isQueued(this.#exchange)
  }

  /** @returns false when too many requests are already waiting for a connection to the origin */
  send(body: RequestBody | undefined, handler: OriginHandler): boolean {
    const { group, reply, received, path } = this.#forwarded
    const { target } = this.#context
    const { raw } = reply.request
    const { send_proxy: version, preserve_host } = group.settings
    const headers = rewriteRequestHeaders(received, this.#context)
    const exchange = this.origin.send(
      {
        method: raw.method ?? '',
        path,
        scheme: target.scheme,
        authority: preserve_host ? received.publicHost : target.authority,
        headers: headerRulesOf(reply.request)?.ofRequest(headers) ?? headers,
        body,
        upgrade: upgradeOf(raw)?.protocol,
        preface: version && prefaceOf(version, received, raw.socket)
      },
      handler
    )
    // The failure of the origin may already have been reported, and the attempt ended.
    if (!this.#isEnded) this.#exchange = exchange
    return exchange !== undefined
  }

  /** The origin's headers as the client gets them. */
  rewrite(headers: readonly string[]): readonly string[] {
    return rewriteResponseHeaders(headers, this.#forwarded.received, this.#context)
  }

  /** Whether there is an exchange with the origin. */
  get isUnderWay(): boolean {
    return this.#exchange !== undefined
  }

  /** The origin has responded. */
  succeed(status: number): void {
    this.origin.health.succeed()
    this.report({ status })
  }

  /** @param source undefined when any request would have failed */
  fail(failure: FailureKind, source: FailureSource | undefined): void {
    this.report({ failure })
    this.#forwarded.group.blame(this.origin, source)
  }

  report(result: AttemptResult): void {
    reportAttempt(this.#forwarded, this, result)
  }

  /** The origin sends more of its response, after the client had to drain. */
  resume(): void {
    this.#exchange?.resume()
  }

  /** The origin has switched protocols: from now on, the exchange is the connection itself. */
  switchTo(socket: Duplex): void {
    this.#exchange = { resume: () => undefined, cancel: () => void socket.destroy() }
    this.succeed(101)
  }

  /**
   * Joins the connection of an origin that has switched protocols to the client's. The attempt ends with the tunnel.
   *
   * @returns false when the client did not request that protocol
   */
  openTunnel(headers: readonly string[], socket: Duplex, head: Buffer): boolean {
    const { context, group, reply } = this.#forwarded
    return openTunnel({
      tunnels: context.tunnels,
      raw: reply.request.raw,
      reply,
      headers: this.rewrite(headers),
      protocol: valueOf(headers, 'upgrade') ?? '',
      origin: socket,
      originHead: head,
      idleTimeout: group.settings.timeouts.upgrade,
      onClose: () => this.end()
    })
  }

  /** Aborts the exchange with the origin, which notices that at once. */
  cancel(): void {
    const exchange = this.#exchange
    this.end()
    exchange?.cancel()
  }

  /** The exchange with the origin is over, or the attempt is given up before there was one. */
  end(): void {
    this.#exchange = undefined
    if (this.#isEnded) return
    this.#isEnded = true
    this.origin.active--
  }
}
