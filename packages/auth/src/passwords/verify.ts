/**
 * Checks passwords, and does the same work whatever comes of it: how long it takes must not tell
 * which users exist.
 */

import { Busy, PasswordTooLong } from '../errors.ts'
import { DECOY, hashPassword, matchesHash, needsRehash } from './argon2.ts'
import { matchesHmac } from './hmac.ts'
import { parsePhc, type Argon2Hash } from './phc.ts'
import { WorkQueue } from './work-queue.ts'

/** The password of a user of the store. */
export interface StoredPassword {
  /** PHC string of Argon2, or hex HMAC-SHA256 of the password keyed by `salt`. */
  readonly pass: string
  readonly salt?: string | undefined
}

/** What came of a check. */
export interface Verdict {
  readonly ok: boolean
  /** A stronger `pass` of the same password, to be kept in place of the one that was checked. */
  readonly upgrade?: string
}

/** In bytes. Nobody types more, and clients shall not choose how much there is to hash. */
const LONGEST_PASSWORD = 1024
const RIGHT: Verdict = { ok: true }
const WRONG: Verdict = { ok: false }

/**
 * Checks and hashes passwords. Their UTF-8 bytes count as they are, without Unicode normalization:
 * the hashes that sites have already were made so.
 */
export class Passwords {
  readonly #queue: WorkQueue

  /** @param queue one for the whole process, for its threads are shared */
  constructor(queue: WorkQueue = new WorkQueue()) {
    this.#queue = queue
  }

  /**
   * Checks a password at the cost of one Argon2 hash. No such user, a `pass` that cannot be read, a
   * password of more than 1,024 bytes: all are as wrong as a wrong password, and take as long.
   *
   * A hash with other parameters than ours costs what they say, and its time can tell that the user
   * exists. A weaker one is replaced at the cost of a second hash, once the password was right.
   *
   * @param user undefined when there is none of that name
   * @param signal is aborted when nobody wants to know any more
   * @throws {Busy} when too many are waiting, and the signal's reason when it is aborted before the check begins
   */
  async verify(
    user: StoredPassword | undefined,
    password: string,
    signal?: AbortSignal
  ): Promise<Verdict> {
    const given = isTooLong(password) ? undefined : password
    const hash = user === undefined ? undefined : parsePhc(user.pass)
    if (hash !== undefined) return await this.#verifyHash(hash, given, signal)
    if (user !== undefined && given !== undefined && matchesHmac(user.pass, user.salt, given)) {
      return { ok: true, upgrade: await this.hash(given, signal) }
    }
    await this.#matches(DECOY, given, signal)
    return WRONG
  }

  /**
   * Hashes a password for keeping.
   *
   * @returns a PHC string
   * @throws {PasswordTooLong} when it has more than 1,024 bytes
   * @throws {Busy} when too many are waiting, and the signal's reason when it is aborted before
   */
  async hash(password: string, signal?: AbortSignal): Promise<string> {
    if (isTooLong(password)) throw new PasswordTooLong()
    return await this.#queue.run(() => hashPassword(password), signal)
  }

  async #verifyHash(
    hash: Argon2Hash,
    given: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Verdict> {
    const matches = await this.#matches(hash, given, signal)
    if (!matches || given === undefined) return WRONG
    return needsRehash(hash) ? await this.#upgrade(given) : RIGHT
  }

  #matches(
    hash: Argon2Hash,
    given: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<boolean> {
    return this.#queue.run(() => matchesHash(hash, given ?? ''), signal)
  }

  /** Who has the right password is let in, even if its upgrade has to wait for another time. */
  async #upgrade(password: string): Promise<Verdict> {
    try {
      return { ok: true, upgrade: await this.hash(password) }
    } catch (error) {
      if (error instanceof Busy) return RIGHT
      throw error
    }
  }
}

function isTooLong(password: string): boolean {
  return password.length > LONGEST_PASSWORD || Buffer.byteLength(password) > LONGEST_PASSWORD
}
