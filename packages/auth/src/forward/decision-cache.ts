import { hash } from 'node:crypto'
import type { ForwardCache } from '@reliw/model'
import { LRUCache } from 'lru-cache'
import type { ForwardDecision, ForwardRequest } from './forward-auth.ts'

/** Maximum number of decisions. */
const MAX_DECISIONS = 10_000
/** Maximum size of all decisions, in bytes. */
const MAX_SIZE = 16 * 1024 * 1024
/** What a decision takes in addition to its content, in bytes. */
const OVERHEAD = 300

interface Entry {
  /** The site, as `forget` names it. */
  readonly host: string
  readonly decision: ForwardDecision
}

/** Which decisions of which auth server are to be forgotten; without fields: all. */
export interface Forgotten {
  readonly host?: string | undefined
  readonly user?: string | undefined
}

/**
 * Decisions of all auth servers, for a bounded time.
 *
 * security: keys are hashes, since clients choose what they are made of. Nothing is used or added while revocations could
 * be missed (`isInformed`).
 */
export class DecisionCache {
  readonly #entries = new LRUCache<string, Entry>({
    max: MAX_DECISIONS,
    maxSize: MAX_SIZE,
    sizeCalculation: sizeOf
  })
  readonly #isInformed: () => boolean
  /** Increases whenever decisions are forgotten: those that were requested before are not added any more. */
  #generation = 0

  /** @param isInformed whether revocations would arrive now */
  constructor(isInformed: () => boolean = () => true) {
    this.#isInformed = isInformed
  }

  get generation(): number {
    return this.#generation
  }

  get(key: string): ForwardDecision | undefined {
    return this.#isInformed() ? this.#entries.get(key)?.decision : undefined
  }

  /** @param generation that of the time at which the decision was requested */
  add(key: string, entry: Entry, ttl: number, generation: number): void {
    if (generation !== this.#generation || !this.#isInformed()) return
    this.#entries.set(key, entry, { ttl })
  }

  /** Forgets the decisions of a host, those about one of its users, or all. */
  forget({ host, user }: Forgotten): void {
    this.#generation += 1
    if (host === undefined && user === undefined) return this.#entries.clear()
    for (const [key, { host: of, decision }] of this.#entries.entries()) {
      const isUsers =
        user === undefined || (decision.kind === 'allowed' && decision.identity.user === user)
      if ((host === undefined || of === host) && isUsers) this.#entries.delete(key)
    }
  }
}

/** Whether the settings allow a decision to be cached: not if it sets a cookie, which is for one response. */
export function isCacheable(decision: ForwardDecision, { refusals }: ForwardCache): boolean {
  if (decision.kind === 'failed') return false
  if (decision.kind === 'allowed') return decision.setCookies.length === 0
  return refusals.includes(decision.status) && !decision.headers.includes('set-cookie')
}

/**
 * The key of a request: requests with the same key are the same to the auth server.
 *
 * @param server identifies the auth server with its settings
 * @param shown the client headers that the auth server gets
 */
export function decisionKey(
  server: string,
  { key_request }: ForwardCache,
  request: ForwardRequest,
  shown: readonly string[]
): string {
  const { scheme, host, site, method, url, clientIp } = request
  const of = { method, url, client_ip: clientIp }
  const named = key_request.map((field) => [field, of[field]])
  return hash('sha256', JSON.stringify([server, scheme, host, site, named, shown]), 'base64')
}

function sizeOf({ host, decision }: Entry): number {
  let size = OVERHEAD + host.length
  if (decision.kind === 'allowed') {
    const { user, groups } = decision.identity
    size += 2 * (user.length + groups.join().length)
  } else if (decision.kind === 'response') {
    size += decision.body.length
    for (const text of decision.headers) size += 2 * text.length
  }
  return size
}
