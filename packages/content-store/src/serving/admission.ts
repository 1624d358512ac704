import type { Entry } from '@reliw/model'
import type { FastifyReply } from 'fastify'
import { NotAvailable } from '../errors.ts'
import type { Gate } from '../options.ts'
import { type Answer, isAllowed, isPage } from './answer.ts'

/** Whether a request may have what an entry gives: its `auth`, and the limits that it counts against. */
export class Admission {
  readonly #authorize: Gate | undefined
  readonly #limit: Gate | undefined

  constructor(authorize: Gate | undefined, limit: Gate | undefined) {
    this.#authorize = authorize
    this.#limit = limit
  }

  /** Whether the request may have an answer, as {@link admitTo}; what no entry gives anybody may have. */
  admit(answer: Answer, reply: FastifyReply): boolean | Promise<boolean> {
    const { entry, kind } = answer
    if (entry === undefined) return true
    // A login page that does not answer the method is not shown: the request is refused over that.
    if (kind === 'page' && this.#authorize && !isAllowed(entry, reply.request.method)) return true
    return this.admitTo(entry, reply)
  }

  /**
   * Whether the request may have what the entry gives; false: it has been answered.
   *
   * @throws NotAvailable, and what the gates throw; else rejects with that
   */
  admitTo(entry: Entry, reply: FastifyReply): boolean | Promise<boolean> {
    const authorize = this.#authorize
    if (entry.rate_limit !== undefined && this.#limit === undefined)
      throw new NotAvailable('the entry has a rate_limit, and this server no limits')
    if (entry.auth === undefined) return this.#count(entry, reply)
    if (authorize === undefined)
      throw new NotAvailable('the entry has an auth, and this server none')
    const { request } = reply
    // A login page is answered there: it has to be held against its limits before.
    if (isPage(entry))
      return andThen(this.#count(entry, reply), () => authorize(request, reply, entry))
    return andThen(authorize(request, reply, entry), () => this.#count(entry, reply))
  }

  #count(entry: Entry, reply: FastifyReply): boolean | Promise<boolean> {
    const { request } = reply
    // Looked up again, it counts once; security: an entry that came since has limits of its own.
    if (this.#limit === undefined || request.countedEntry === entry) return true
    request.countedEntry = entry
    return this.#limit(request, reply, entry)
  }
}

/** Goes on where the first says so. */
function andThen(
  first: boolean | Promise<boolean>,
  then: () => boolean | Promise<boolean>
): boolean | Promise<boolean> {
  if (first instanceof Promise) return first.then((isIn) => isIn && then())
  return first && then()
}
