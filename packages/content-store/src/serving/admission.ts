import { type Entry, hasClientRules } from '@reliw/model'
import type { FastifyReply } from 'fastify'
import { NotAvailable } from '../errors.ts'
import type { Gate } from '../options.ts'
import { type Resolution, isAllowed, isLoginPage } from './resolution.ts'

/** The checks of a request, in their order; undefined where this server has none. */
export interface Gates {
  readonly admitClient: Gate | undefined
  readonly authorize: Gate | undefined
  readonly limit: Gate | undefined
}

/**
 * Decides whether a request is admitted to an entry: checks the client's address, the entry's `auth` and the request's
 * limits.
 */
export class Admission {
  readonly #admitClient: Gate | undefined
  readonly #authorize: Gate | undefined
  readonly #limit: Gate | undefined

  constructor({ admitClient, authorize, limit }: Gates) {
    this.#admitClient = admitClient
    this.#authorize = authorize
    this.#limit = limit
  }

  /** Whether the request is admitted, as by {@link admitTo}. Every request is admitted to a result without an entry. */
  admit(resolution: Resolution, reply: FastifyReply): boolean | Promise<boolean> {
    const { entry, kind } = resolution
    if (entry === undefined) return true
    // A login page that does not allow the method is not shown: the request gets 405 later.
    if (kind === 'login' && this.#authorize && !isAllowed(entry, reply.request.method))
      return this.#checkClient(entry, reply)
    return this.admitTo(entry, reply)
  }

  /**
   * Whether the request is admitted to the entry; false means that a response has been sent.
   *
   * @throws NotAvailable, and errors of the gates; rejects with the same where a gate is asynchronous
   */
  admitTo(entry: Entry, reply: FastifyReply): boolean | Promise<boolean> {
    if (!hasClientRules(entry)) return this.#admitKnown(entry, reply)
    return andThen(this.#checkClient(entry, reply), () => this.#admitKnown(entry, reply))
  }

  /** Whether the client's address may make requests to the entry. */
  #checkClient(entry: Entry, reply: FastifyReply): boolean | Promise<boolean> {
    if (!hasClientRules(entry)) return true
    if (this.#admitClient === undefined)
      throw new NotAvailable(
        'the entry has `allow_from` or `deny_from`, but this server cannot check clients'
      )
    return this.#admitClient(reply.request, reply, entry)
  }

  #admitKnown(entry: Entry, reply: FastifyReply): boolean | Promise<boolean> {
    const authorize = this.#authorize
    if (entry.rate_limit !== undefined && this.#limit === undefined)
      throw new NotAvailable('the entry has `rate_limit`, but this server has no rate limits')
    if (entry.auth === undefined) return this.#count(entry, reply)
    if (authorize === undefined)
      throw new NotAvailable('the entry has `auth`, but this server has no authentication')
    const { request } = reply
    // `authorize` also sends login pages, so their limits have to be checked before.
    if (isLoginPage(entry))
      return andThen(this.#count(entry, reply), () => authorize(request, reply, entry))
    return andThen(authorize(request, reply, entry), () => this.#count(entry, reply))
  }

  #count(entry: Entry, reply: FastifyReply): boolean | Promise<boolean> {
    const { request } = reply
    // A request that is resolved again is counted once. security: an entry that was changed meanwhile has limits of its
    // own.
    if (this.#limit === undefined || request.countedEntry === entry) return true
    request.countedEntry = entry
    return this.#limit(request, reply, entry)
  }
}

/** Calls the second check where the first one admits the request. */
function andThen(
  first: boolean | Promise<boolean>,
  then: () => boolean | Promise<boolean>
): boolean | Promise<boolean> {
  if (first instanceof Promise) return first.then((isIn) => isIn && then())
  return first && then()
}
