import type { Live } from '@reliw/model'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { BadTarget, NotAvailable, NotFound } from '../errors.ts'
import type { Forward } from '../options.ts'
import { type Resolution, mustAllow, type UpstreamResolution } from './resolution.ts'
import { destinationOf } from './destination.ts'
import type { Resolver } from './resolver.ts'
import type { SitePaths } from './site-paths.ts'

/** Paths that programs may read differently: with escapes, parameters of segments, empty segments or `.` segments. */
const AMBIGUOUS = /^[^?]*?(?:[%;]|\/\.?\/|\/\.(?:\?|$))/

/** Whether an origin can only read the target as we do. True for everything that is not forwarded. */
export function isUnambiguous({ kind }: Resolution, { raw }: FastifyRequest): boolean {
  return kind !== 'upstream' || !AMBIGUOUS.test(raw.url ?? '')
}

/**
 * Forwards requests to the upstreams of entries. security: an attacker may write a path that the origin reads
 * differently, to get past the entry that guards it.
 */
export class Forwarding {
  readonly #resolver: Resolver
  readonly #paths: SitePaths
  readonly #forward: Forward | undefined

  constructor(resolver: Resolver, paths: SitePaths, forward: Forward | undefined) {
    this.#resolver = resolver
    this.#paths = paths
    this.#forward = forward
  }

  /**
   * The upstream for a target that programs may read differently (escapes and the like): the one that every reading
   * leads to. security: an origin acts on its own reading, so all readings have to agree.
   *
   * @throws BadTarget, or NotFound, when there is none, and errors of `Resolver`; else rejects with the same
   */
  find(request: FastifyRequest): Live<Resolution> {
    const readings = this.#paths.readingsOf(request)
    const resolution =
      readings && this.#resolver.resolveReadings(request.facts.site ?? '', readings)
    const orThrow = (found: Resolution | undefined): Resolution => {
      if (found === undefined) throw this.#refusalOf(request)
      return found
    }
    return resolution instanceof Promise ? resolution.then(orThrow) : orThrow(resolution)
  }

  /**
   * Forwards a request. security: an attacker may COPY or MOVE to a Destination that another entry guards, so the
   * Destination has to lead to the same entry.
   *
   * @throws NotAvailable, MethodNotAllowed, or BadTarget for a Destination elsewhere; else rejects with the same
   */
  forward(resolution: UpstreamResolution, reply: FastifyReply): Live<void> {
    const { entry, name, upstream } = resolution
    const { request } = reply
    const forward = this.#forward
    if (forward === undefined)
      throw new NotAvailable('the entry has `proxy`, but this server has no proxy')
    mustAllow(resolution, reply)
    const destination = destinationOf(request)
    if (destination === undefined) return forward(request, reply, name, upstream)
    const goIf = (there: Resolution | undefined): void => {
      if (there?.entry !== entry) throw new BadTarget()
      forward(request, reply, name, upstream)
    }
    const readings = this.#paths.within(destination)
    const there = readings && this.#resolver.resolveReadings(request.facts.site ?? '', readings)
    return there instanceof Promise ? there.then(goIf) : goIf(there)
  }

  /** An app may pass on a request for a path outside the prefix: NotFound. */
  #refusalOf(request: FastifyRequest): FastifyError {
    const isElsewhere = this.#paths.pathOf(request) === undefined
    return isElsewhere && !request.facts.isPathAmbiguous ? new NotFound() : new BadTarget()
  }
}
