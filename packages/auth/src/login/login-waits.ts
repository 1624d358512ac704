import { hash } from 'node:crypto'
import type { Keyspace } from '@reliw/model'
import { clientBlock } from '@reliw/options'
import type { Keys } from '../sessions/memory-keys.ts'
import { BackOff, WINDOW } from './back-off.ts'
import { KnownAddresses } from './known-addresses.ts'

/** One attempt to show a user's password, or the code of a second factor. */
export interface Attempt {
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  /** As the client named it: there need be no such user. */
  readonly user: string
  readonly kind: 'password' | 'code'
}

const FROM_ADDRESS = { free: 20, longest: 15 * 60_000 }
const ON_USER_FROM_ADDRESS = { free: 5, longest: 60_000 }
/** Failures on one user, from everywhere, that slow nobody; past them strange addresses wait, and no longer than this. */
const ON_USER = { free: 20, longest: 5000 }
/** What strange addresses wait for the turn that they share at the codes of one user, at most. */
const LONGEST_TURN = 60_000

/** Where an attempt is counted; no part is longer than an address, whatever the client sent. */
export interface Places {
  readonly address: string
  readonly user: string
  /** The user, from the address. */
  readonly both: string
}

/**
 * The waits of those who guess: of an address, of an address at one user, and, where many addresses guess at one user,
 * of addresses from which the user has not logged in before. All methods reject as the store does.
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
   * Takes note of an attempt, before it is judged.
   *
   * security: the address keeps an attempt that the user's waits refuse, or guessing would cost it nothing; and what its
   * own waits refuse never reaches the user's, or one address could make all others wait. Users who are known at an
   * address skip its wait, or one client with an old password would keep out all who share it.
   *
   * @returns milliseconds to wait before another one; 0: this one may go on
   */
  async begin(attempt: Attempt): Promise<number> {
    const { host } = attempt
    const { address, both } = placesOf(attempt)
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
   * The attempt was right.
   *
   * @param isLast whether nothing more has to be shown: then the address is one that the user logs in from
   */
  async end(attempt: Attempt, isLast: boolean): Promise<void> {
    const { host } = attempt
    const { address, user, both } = placesOf(attempt)
    await Promise.all([
      this.#byAddress.forgive(host, address),
      this.#byBoth.forget(host, both),
      this.#byUser.forgive(host, user),
      isLast ? this.#known.add(host, nameOf(attempt), addressOf(attempt)) : undefined
    ])
  }

  /** Nothing came of the attempt, as nobody judged it: it counts for nothing. */
  async cancel(attempt: Attempt): Promise<void> {
    const { host } = attempt
    const { address, user, both } = placesOf(attempt)
    await Promise.all([
      this.#byAddress.forgive(host, address),
      this.#byBoth.forgive(host, both),
      this.#byUser.forgive(host, user)
    ])
  }

  /**
   * The client left before anybody judged the attempt.
   *
   * security: its address keeps the attempt, or leaving early would let it begin any number of them.
   */
  async abandon(attempt: Attempt): Promise<void> {
    const { host } = attempt
    const { user, both } = placesOf(attempt)
    await Promise.all([this.#byBoth.forgive(host, both), this.#byUser.forgive(host, user)])
  }

  async #beginOfUser(attempt: Attempt): Promise<number> {
    const { host, kind } = attempt
    const { user, both } = placesOf(attempt)
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

  /** Each strange address waits by itself, from its first attempt on: however many there are, none takes another's turn. */
  async #waitAlone(host: string, both: string): Promise<number> {
    const key = this.#keyspace.limit(host, 'login-since', both)
    const [attempts] = await this.#keys.increment([{ key, by: 1, ttl: WINDOW }])
    if (attempts === 1) return ON_USER.longest
    const since = WINDOW - ((await this.#keys.ttl(key)) ?? WINDOW)
    if (since < ON_USER.longest) return ON_USER.longest - since
    return this.#byUser.pass(host, `alone:${both}`, ON_USER.longest)
  }
}

/** The turn doubles: who shows codes knows the password, and a code has six digits. */
function turnAfter(failures: number): number {
  return Math.min(ON_USER.longest * 2 ** (failures - ON_USER.free - 1), LONGEST_TURN)
}

/** The parts of keys that an attempt is counted under. */
export function placesOf(attempt: Attempt): Places {
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

/** Of IPv6 the `/64`; with the user's name, so that nobody is told from the store who shares an address. */
function addressOf({ user, clientIp }: Attempt): string {
  return shorten(`${clientBlock(clientIp) ?? clientIp}\n${user}`)
}

/** A text of any length as one of 22 characters. */
function shorten(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}
