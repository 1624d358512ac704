import { hash } from 'node:crypto'
import type { Keyspace } from '@reliw/model'
import { clientBlock } from '@reliw/options'
import type { Keys } from '../sessions/memory-keys.ts'
import { BackOff, WINDOW } from './back-off.ts'
import { KnownAddresses } from './known-addresses.ts'

/** One attempt with a user's password, or with the code of a second factor. */
export interface Attempt {
  readonly host: string
  /** '' if unknown. */
  readonly clientIp: string
  /** As the client named it; there may be no such user. */
  readonly user: string
  readonly kind: 'password' | 'code'
}

const FROM_ADDRESS = { free: 20, longest: 15 * 60_000 }
const ON_USER_FROM_ADDRESS = { free: 5, longest: 60_000 }
/** Failures on one user from all addresses: past `free`, unknown addresses wait, `longest` milliseconds at most. */
const ON_USER = { free: 20, longest: 5000 }
/** How long unknown addresses wait at most for their shared turn at the codes of one user, in milliseconds. */
const MAX_TURN = 60_000

/** The key parts under which an attempt is counted; no part is longer than an address, whatever the client sent. */
export interface CounterKeys {
  readonly address: string
  readonly user: string
  /** The user and the address together. */
  readonly both: string
}

/**
 * The delays of guessing clients: per address, per address and user, and, if many addresses guess at one user, for
 * addresses from which the user has not logged in before. All methods reject if the store does.
 */
export class LoginWaits {
  readonly #keyspace: Keyspace
  readonly #keys: Keys
  readonly #byAddress: BackOff
  readonly #byBoth: BackOff
  readonly #byUser: BackOff
  readonly #known: KnownAddresses

  constructor(keyspace: Keyspace, keys: Keys) {
    this.#keyspace = keyspace
    this.#keys = keys
    this.#byAddress = new BackOff(keyspace, keys, FROM_ADDRESS)
    this.#byBoth = new BackOff(keyspace, keys, ON_USER_FROM_ADDRESS)
    this.#byUser = new BackOff(keyspace, keys, ON_USER)
    this.#known = new KnownAddresses(keyspace, keys)
  }

  /**
   * Counts an attempt before it is checked.
   *
   * security: an attempt that the user's delay refuses still counts against its address; otherwise guessing would cost
   * the address nothing. An attempt that the address's delay refuses does not count against the user; otherwise one
   * address could delay the user everywhere. A user who has logged in from an address before is exempt from that
   * address's delay; otherwise one client with an outdated password would lock out all users behind the same address.
   *
   * @returns milliseconds until the next attempt is accepted; 0: this one may proceed
   */
  async begin(attempt: Attempt): Promise<number> {
    const { host } = attempt
    const { address, both } = counterKeysOf(attempt)
    const ofAddress = await this.#byAddress.begin(host, address)
    if (ofAddress > 0) {
      if (!(await this.#isKnown(attempt))) return ofAddress
      await this.#byAddress.count(host, address)
    }
    const ofBoth = await this.#byBoth.begin(host, both)
    if (ofBoth > 0) return ofBoth
    const ofUser = await this.#beginOfUser(attempt)
    if (ofUser === 0) return 0
    await this.#byBoth.forgive(host, both)
    return Math.max(ofUser, await this.#byBoth.left(host, both))
  }

  /**
   * Takes a correct attempt out of the counts.
   *
   * @param isLast whether the login is complete: the address then becomes a known address of the user
   */
  async end(attempt: Attempt, isLast: boolean): Promise<void> {
    const { host } = attempt
    const { address, user, both } = counterKeysOf(attempt)
    await Promise.all([
      this.#byAddress.forgive(host, address),
      this.#byBoth.forget(host, both),
      this.#byUser.forgive(host, user),
      isLast ? this.#known.add(host, nameOf(attempt), addressOf(attempt)) : undefined
    ])
  }

  /** Takes an attempt out of the counts because the server could not check it. */
  async cancel(attempt: Attempt): Promise<void> {
    const { host } = attempt
    const { address, user, both } = counterKeysOf(attempt)
    await Promise.all([
      this.#byAddress.forgive(host, address),
      this.#byBoth.forgive(host, both),
      this.#byUser.forgive(host, user)
    ])
  }

  /**
   * Takes an attempt out of the user's counts because its client left before it was checked.
   *
   * security: the attempt still counts against its address, or a client could begin any number of attempts by leaving
   * early.
   */
  async abandon(attempt: Attempt): Promise<void> {
    const { host } = attempt
    const { user, both } = counterKeysOf(attempt)
    await Promise.all([this.#byBoth.forgive(host, both), this.#byUser.forgive(host, user)])
  }

  async #beginOfUser(attempt: Attempt): Promise<number> {
    const { host, kind } = attempt
    const { user, both } = counterKeysOf(attempt)
    const failures = await this.#byUser.count(host, user)
    if (failures <= ON_USER.free) return 0
    if (await this.#isKnown(attempt)) return 0
    const wait =
      kind === 'code'
        ? await this.#byUser.pass(host, user, turnAfter(failures))
        : await this.#waitAlone(host, both)
    if (wait > 0) await this.#byUser.forgive(host, user)
    return wait
  }

  #isKnown(attempt: Attempt): Promise<boolean> {
    return this.#known.has(attempt.host, nameOf(attempt), addressOf(attempt))
  }

  /** Each unknown address waits on its own, from its first attempt: however many there are, none delays another. */
  async #waitAlone(host: string, both: string): Promise<number> {
    const key = this.#keyspace.limit(host, 'login-since', both)
    const [attempts] = await this.#keys.increment([{ key, by: 1, ttl: WINDOW }])
    if (attempts === 1) return ON_USER.longest
    const since = WINDOW - ((await this.#keys.ttl(key)) ?? WINDOW)
    if (since < ON_USER.longest) return ON_USER.longest - since
    return this.#byUser.pass(host, `alone:${both}`, ON_USER.longest)
  }
}

/**
 * The delay doubles.
 *
 * security: a client that sends codes already knows the password, and a code has only six digits.
 */
function turnAfter(failures: number): number {
  return Math.min(ON_USER.longest * 2 ** (failures - ON_USER.free - 1), MAX_TURN)
}

/** The key parts under which an attempt is counted. */
export function counterKeysOf(attempt: Attempt): CounterKeys {
  const { kind, clientIp } = attempt
  const user = nameOf(attempt)
  return {
    address: `ip:${clientBlock(clientIp) ?? shorten(clientIp)}`,
    user: `${kind}:${user}`,
    both: `${kind}:${user}:${addressOf(attempt)}`
  }
}

function nameOf({ user }: Attempt): string {
  return shorten(user)
}

/** A hash of the address (of IPv6, the `/64`) and the user: the store does not reveal which users share an address. */
function addressOf({ user, clientIp }: Attempt): string {
  return shorten(`${clientBlock(clientIp) ?? clientIp}\n${user}`)
}

/** A text of any length as a hash of 22 characters. */
function shorten(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}
