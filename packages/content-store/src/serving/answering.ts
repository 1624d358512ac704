import type { Live } from '@reliw/model'
import { clientBlock } from '@reliw/options'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { BadTarget, CannotServe, PreconditionFailed, RangeNotSatisfiable } from '../errors.ts'
import type { Admission } from './admission.ts'
import { type Answer, type ContentAnswer, mustAllow, refusalOf } from './answer.ts'
import { entryOf } from './entry-fault.ts'
import type { ErrorPages } from './error-pages.ts'
import { type Forwarding, isReadAlike } from './forwarding.ts'
import { noteAnswer } from './note-answer.ts'
import type { Outcome } from './outcome.ts'
import type { Resolver } from './resolver.ts'
import { serveContent } from './serve.ts'
import type { Grown } from './serve-large.ts'
import { queryOf, type SitePaths } from './site-paths.ts'
import type { Write } from './write.ts'

export interface AnsweringParts {
  paths: SitePaths
  resolver: Resolver
  admission: Admission
  forwarding: Forwarding
  errorPages: ErrorPages
  write: Write
  /** While it returns true, variants that are not cached are not compressed. */
  isBusy: (() => boolean) | undefined
}

/** The methods that entries can allow: the response to `OPTIONS *` (RFC 9110 9.3.7). */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, QUERY'
/** Maximum number of times that a request is resolved, when a large file is replaced before it is opened. */
const MAX_ATTEMPTS = 3

/** Handles a request: resolves its path, checks its admission to the entry, sends the response. */
export class Answering {
  readonly #parts: AnsweringParts

  constructor(parts: AnsweringParts) {
    this.#parts = parts
  }

  /** Sends a response to a request, an error page included. Cached public content is sent without a promise. */
  answer(reply: FastifyReply): void {
    try {
      const answered = this.#attempt(reply, MAX_ATTEMPTS)
      if (answered instanceof Promise)
        answered.catch((error: FastifyError) => this.#confess(error, reply))
    } catch (error) {
      this.#confess(error as FastifyError, reply)
    }
  }

  #attempt(reply: FastifyReply, left: number): Live<void> {
    const { paths, resolver, write } = this.#parts
    const { host } = reply.request.facts
    const path = paths.pathOf(reply.request)
    if (host === undefined) throw new BadTarget()
    if (path === '*') return write(reply, 204, ['allow', METHODS], undefined)
    // Relative references of the index page resolve below the prefix only with the slash.
    if (path === '') return this.#redirect('/', reply)
    if (path === undefined) return this.#forwardAlike(reply, left)
    const answer = resolver.answer(host, path)
    if (!(answer instanceof Promise)) return this.#use(answer, true, reply, left)
    return answer.then((made) => this.#use(made, false, reply, left))
  }

  #use(answer: Answer, isKept: boolean, reply: FastifyReply, left: number): Live<void> {
    noteAnswer(reply.request, answer, isKept)
    if (isReadAlike(answer, reply.request)) return this.#admit(answer, reply, left)
    return this.#forwardAlike(reply, left)
  }

  #forwardAlike(reply: FastifyReply, left: number): Live<void> {
    const use = (answer: Answer): Live<void> => {
      noteAnswer(reply.request, answer, true)
      return this.#admit(answer, reply, left)
    }
    const answer = this.#parts.forwarding.find(reply.request)
    return answer instanceof Promise ? answer.then(use) : use(answer)
  }

  #admit(answer: Answer, reply: FastifyReply, left: number): Live<void> {
    // security: the entry's rules may have been tightened since the previous attempt, so admission is checked again.
    const isAdmitted = this.#parts.admission.admit(answer, reply)
    if (isAdmitted instanceof Promise)
      return isAdmitted.then((isIn) => (isIn ? this.#give(answer, reply, left) : undefined))
    return isAdmitted ? this.#give(answer, reply, left) : undefined
  }

  #give(answer: Answer, reply: FastifyReply, left: number): Live<void> {
    const { forwarding, write } = this.#parts
    if (answer.kind === 'refusal') throw refusalOf(answer)
    if (answer.kind === 'upstream') return forwarding.forward(answer, reply)
    mustAllow(answer, reply)
    if (reply.request.method === 'OPTIONS')
      return write(reply, 204, ['allow', answer.allow], undefined)
    if (answer.kind === 'page') throw new CannotServe('nobody made the page')
    if (answer.kind === 'redirect') return this.#redirect(answer.location, reply)
    return this.#serve(answer, reply, left)
  }

  #serve(answer: ContentAnswer, reply: FastifyReply, left: number): Live<void> {
    const { write, isBusy } = this.#parts
    const { request } = reply
    const mayCompress = isBusy?.() !== true
    const grown = left === MAX_ATTEMPTS ? undefined : this.#growthOf(answer, request)
    const outcome = serveContent(request, reply, answer, write, mayCompress, grown, blockOf)
    if (outcome instanceof Promise) return outcome.then((made) => this.#finish(made, reply, left))
    return this.#finish(outcome, reply, left)
  }

  /**
   * For attempts after the first: a changed file is resolved again first, and one that then has changed once more is
   * probably being written to all the time.
   */
  #growthOf({ entry }: ContentAnswer, request: FastifyRequest): Grown {
    const { paths, resolver } = this.#parts
    const { host = '' } = request.facts
    const path = paths.pathOf(request) ?? ''
    return async (opened) => resolver.grown({ host, path }, entry, opened)
  }

  #finish(outcome: Outcome, reply: FastifyReply, left: number): Live<void> {
    if (outcome === 'served') return undefined
    if (outcome === 'precondition failed') throw new PreconditionFailed()
    if (outcome === 'unsatisfiable') throw new RangeNotSatisfiable()
    this.#parts.resolver.reconsider(outcome.changed)
    if (left > 1) return this.#attempt(reply, left - 1)
    throw new CannotServe('the file changes faster than it can be opened')
  }

  #redirect(location: string, reply: FastifyReply): void {
    const { paths, write } = this.#parts
    const target = paths.add(location + queryOf(reply.request))
    write(reply, 301, ['location', target, 'content-length', '0'], undefined)
  }

  /**
   * Sends the page of an error. security: an error about an entry's content reveals that the content exists, so a
   * request has to be admitted to the entry first.
   */
  #confess(fault: FastifyError, reply: FastifyReply): void {
    const { admission, errorPages } = this.#parts
    const entry = entryOf(fault)
    if (entry?.auth === undefined) return errorPages.fail(fault, reply)
    reply.request.entry = entry
    const isAdmitted = async (): Promise<boolean> => admission.admitTo(entry, reply)
    isAdmitted()
      .then((isIn) => isIn && errorPages.fail(fault, reply))
      .catch((refusal: FastifyError) => errorPages.fail(refusal, reply))
  }
}

/** The client that a streamed file counts for: its IPv4 address or IPv6 /64. */
function blockOf({ facts }: FastifyRequest): string {
  return clientBlock(facts.clientIp) ?? ''
}
