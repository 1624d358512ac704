import type { Live } from '@reliw/model'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { BadTarget, NotAvailable, NotFound } from '../errors.ts'
import type { Forward } from '../options.ts'
import { type Answer, mustAllow, type UpstreamAnswer } from './answer.ts'
import { destinationOf } from './destination.ts'
import type { Resolver } from './resolver.ts'
import type { SitePaths } from './site-paths.ts'

/** Escapes, parameters of segments, empty segments and segments `.` in a path. */
const READ_DIFFERENTLY = /^[^?]*?(?:[%;]|\/\.?\/|\/\.(?:\?|$))/

/** Whether nothing in the target can lead an origin elsewhere than us. */
export function isReadAlike({ kind }: Answer, { raw }: FastifyRequest): boolean {
  return kind !== 'upstream' || !READ_DIFFERENTLY.test(raw.url ?? '')
}

/** Forwards requests to the upstreams of entries, where no reading of a path leads past the entry that guards it. */
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
   * The upstream of a target with escapes and the like that programs read differently, where every reading leads to
   * the same one. security: an origin decides by its own reading.
   *
   * @throws BadTarget, or NotFound, where there is none; and what `Resolver` throws; else rejects with that
   */
  find(request: FastifyRequest): Live<Answer> {
    const readings = this.#paths.readingsOf(request)
    const answer = readings && this.#resolver.forwarded(request.facts.host ?? '', readings)
    const orThrow = (found: Answer | undefined): Answer => {
      if (found === undefined) throw this.#refusalOf(request)
      return found
    }
    return answer instanceof Promise ? answer.then(orThrow) : orThrow(answer)
  }

  /**
   * Forwards a request. security: what COPY and MOVE write has to be behind the same entry, so that no other one
   * guards it.
   *
   * @throws NotAvailable, MethodNotAllowed, or BadTarget for a Destination elsewhere; else rejects with that
   */
  forward(answer: UpstreamAnswer, reply: FastifyReply): Live<void> {
    const { entry, name, upstream } = answer
    const { request } = reply
    const forward = this.#forward
    if (forward === undefined) throw new NotAvailable('the entry has a proxy, and this server none')
    mustAllow(answer, reply)
    const destination = destinationOf(request)
    if (destination === undefined) return forward(request, reply, name, upstream)
    const goIf = (there: Answer | undefined): void => {
      if (there?.entry !== entry) throw new BadTarget()
      forward(request, reply, name, upstream)
    }
    const readings = this.#paths.within(destination)
    const there = readings && this.#resolver.forwarded(request.facts.host ?? '', readings)
    return there instanceof Promise ? there.then(goIf) : goIf(there)
  }

  /** An app may hand on what is not below the prefix: there is nothing there. */
  #refusalOf(request: FastifyRequest): FastifyError {
    const isElsewhere = this.#paths.pathOf(request) === undefined
    return isElsewhere && !request.facts.isPathAmbiguous ? new NotFound() : new BadTarget()
  }
}
