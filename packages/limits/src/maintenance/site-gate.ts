import { explain } from '@reliw/http'
import type { Live, Maintenance } from '@reliw/model'
import { guardPromise } from '@reliw/options'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { UnderMaintenance } from '../errors.ts'
import type { SiteLimits } from '../site-limits.ts'
import { HeldRequests } from './held-requests.ts'
import { httpsLocation } from './https-location.ts'

const CHALLENGE = '/.well-known/acme-challenge/'
/** How often the settings are read again before a request is refused. */
const MAX_REREADS = 5

/** Continues with the request; or with its refusal. */
export type GoOn = (error?: Error) => void

export interface SiteGateParts {
  /** The current limits of the site of a request. */
  limitsOf: (request: FastifyRequest) => Live<SiteLimits>
  /** The refusal of a client that was banned while its request waited. */
  refuseBanned: (request: FastifyRequest, reply: FastifyReply) => Error | undefined
  /** Called for each request that is refused. */
  refused: (request: FastifyRequest) => void
}

interface Entering {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly goOn: GoOn
  /** When the request arrived here, in milliseconds. */
  readonly since: number
  /** How often the settings had changed before the request could be held. */
  rereads: number
}

/**
 * Keeps requests out of sites in maintenance, and redirects those without TLS where the site asks for it. Health checks
 * and ACME tokens pass.
 */
export class SiteGate {
  readonly held = new HeldRequests()
  readonly #parts: SiteGateParts

  constructor(parts: SiteGateParts) {
    this.#parts = parts
  }

  /** Lets a request in, lets it wait, or responds to it. */
  enter(request: FastifyRequest, reply: FastifyReply, site: SiteLimits, goOn: GoOn): void {
    if (site.maintenance === undefined && site.https === undefined) return goOn()
    this.#enter({ request, reply, goOn, since: performance.now(), rereads: 0 }, site)
  }

  #enter(entering: Entering, site: SiteLimits): void {
    const { request, reply, goOn } = entering
    const { maintenance, https } = site
    const { host = '', clientIp, isSecure } = request.facts
    if (isExempt(request)) return goOn()
    if (maintenance !== undefined && maintenance.allow_from?.has(clientIp) !== true)
      return this.#keepOut(entering, maintenance)
    // `*` means this server, not a site (RFC 9110 9.3.7).
    if (https === undefined || isSecure || request.raw.url === '*') return goOn()
    request.kind = 'redirect'
    reply
      .code(https === 'permanent' ? 308 : 307)
      .header('location', httpsLocation(host, request.raw.url ?? '/'))
      .send()
  }

  #keepOut(entering: Entering, maintenance: Maintenance): void {
    const { request, reply, goOn, since } = entering
    const left = maintenance.hold - (performance.now() - since)
    const refuse = (): void => {
      reply.header('retry-after', String(Math.ceil(maintenance.retry_after / 1000)))
      this.#parts.refused(request)
      goOn(explain(new UnderMaintenance(), maintenance.message))
    }
    if (left <= 0) return refuse()
    // The settings may have changed since they were read; later changes are announced to what is held by then.
    const now = this.#parts.limitsOf(request)
    const isCurrent = !(now instanceof Promise) && now.maintenance === maintenance
    if (!isCurrent && entering.rereads++ < MAX_REREADS) return this.#enterAgain(entering, now)
    const isHeld =
      isCurrent &&
      this.held.hold(request, reply, left, (isOver) => {
        if (isOver) return refuse()
        entering.rereads = 0
        this.#enterAgain(entering, this.#parts.limitsOf(request))
      })
    if (!isHeld) refuse()
  }

  #enterAgain(entering: Entering, site: Live<SiteLimits>): void {
    const entered = this.#enterWith(entering, site)
    guardPromise(entered, (error) => entering.goOn(error as Error))
  }

  async #enterWith(entering: Entering, limits: Live<SiteLimits>): Promise<void> {
    const { request, reply, goOn } = entering
    const site = await limits
    request.siteLimits = site
    const refusal = this.#parts.refuseBanned(request, reply)
    if (refusal !== undefined) goOn(refusal)
    else this.#enter(entering, site)
  }
}

function isExempt({ facts, routeOptions }: FastifyRequest): boolean {
  return (
    facts.strictPath?.startsWith(CHALLENGE) === true || routeOptions.config.limits?.exempt === true
  )
}
