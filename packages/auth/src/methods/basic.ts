import { createHmac, randomBytes } from 'node:crypto'
import type { Live, User } from '@reliw/model'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../caller.ts'
import { checkPassword, type FailedCheck } from '../check-password.ts'
import type { Identity, Refusal } from '../identity.ts'
import { andThen } from '../live.ts'
import type { Parts } from '../parts.ts'
import { basicCredentials } from './authorization.ts'

/** How long a correct password is not hashed again, in milliseconds. */
const CACHE_TTL = 5 * 60 * 1000
/** Maximum number of cached passwords; past it, the least recently used is evicted. */
const MAX_CACHED = 10_000

/**
 * Authenticates requests by `Authorization: Basic`. Clients send the password with each request, and hashing it takes
 * longer than everything else: a correct one is remembered for a while, as long as the user is not disabled and its
 * stored hash stays the same.
 */
export class BasicAuth {
  readonly #parts: Parts
  readonly #key = randomBytes(32)
  /** Stored hashes of users, by the fingerprint of a correct password. */
  readonly #verified = new LRUCache<string, string>({ max: MAX_CACHED, ttl: CACHE_TTL })

  constructor(parts: Parts) {
    this.#parts = parts
  }

  authenticate(caller: Caller): Live<Identity | Refusal | undefined> {
    const given = basicCredentials(caller.request.raw.headers)
    if (given === undefined) return undefined
    if (given === 'malformed') return { refused: 401, reason: 'malformed Basic credentials' }
    const fingerprint = this.#fingerprintOf(caller.site, given.name, given.password)
    const pass = this.#verified.get(fingerprint)
    if (pass === undefined) return this.#check(caller, given, fingerprint)
    return andThen(this.#parts.findUser(caller.site, given.name), (user) =>
      user !== undefined && !user.disabled && user.pass === pass
        ? accept(given.name, user)
        : this.#check(caller, given, fingerprint)
    )
  }

  async #check(
    caller: Caller,
    { name, password }: { name: string; password: string },
    fingerprint: string
  ): Promise<Identity | Refusal> {
    const checked = await checkPassword(this.#parts, caller, { name, password })
    if (checked.kind === 'wait')
      return { ...refuse(429, checked), retryAfter: Math.ceil(checked.ms / 1000) }
    if (checked.kind === 'wrong') return refuse(401, checked)
    this.#verified.set(fingerprint, checked.user.pass)
    return accept(name, checked.user)
  }

  /**
   * The fingerprint of a password.
   *
   * security: keyed by a secret of this process, so that the cache does not help an attacker to guess passwords.
   */
  #fingerprintOf(host: string, name: string, password: string): string {
    const text = JSON.stringify([host, name, password])
    return createHmac('sha256', this.#key).update(text).digest('base64')
  }
}

function refuse(refused: 401 | 429, { reason, user }: FailedCheck): Refusal {
  return { refused, reason, failure: { method: 'basic', user } }
}

/** security: a user with a second factor needs it everywhere: a stolen password alone must not suffice. */
function accept(name: string, { groups, totp }: User): Identity | Refusal {
  if (totp !== undefined) return { refused: 403, reason: 'the user has a second factor' }
  return { user: name, groups, method: 'basic', secondFactor: false }
}
