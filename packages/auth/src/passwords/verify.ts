/**
 * Checks passwords, with the same work whatever the result.
 *
 * security: the time that a check takes must not reveal which users exist.
 */

import { Busy, PasswordTooLong } from '../errors.ts'
import { DECOY, hashPassword, matchesHash, needsRehash } from './argon2.ts'
import { matchesHmac } from './hmac.ts'
import { parsePhc, type Argon2Hash } from './phc.ts'
import { WorkQueue } from './work-queue.ts'

/** The password of a user in the store. */
export interface StoredPassword {
  /** A PHC string of Argon2, or the hex HMAC-SHA256 of the password with the key `salt`. */
  readonly pass: string
  readonly salt?: string | undefined
}

/** The result of a check. */
export interface PasswordCheck {
  readonly ok: boolean
  /** A stronger hash of the same password, to be stored in place of the one that was checked. */
  readonly upgrade?: string
}

/**
 * In bytes; longer than any user types.
 *
 * security: a client must not choose how much the server has to hash.
 */
const MAX_PASSWORD_LENGTH = 1024
const CORRECT: PasswordCheck = { ok: true }
const WRONG: PasswordCheck = { ok: false }

/**
 * Checks and hashes passwords: their UTF-8 bytes without Unicode normalization, like the hashes that sites already
 * have.
 */
export class Passwords {
  readonly #queue: WorkQueue

  /** @param queue one per process, which has one pool of threads */
  constructor(queue: WorkQueue = new WorkQueue()) {
    this.#queue = queue
  }

  /**
   * Checks a password at the cost of one Argon2 hash. A missing user, an invalid `pass`, and a password of more than
   * 1,024 bytes count as a wrong password, and take as long.
   *
   * A hash with parameters other than ours costs what they say, so that its time can reveal that the user exists. A
   * weaker one is replaced at the cost of a second hash, once the password was correct.
   *
   * @param user undefined if there is none by that name
   * @param signal aborted when the result is no longer needed
   * @throws {Busy} if too many checks are waiting, and the signal's reason if it is aborted before the check begins
   */
  async verify(
    user: StoredPassword | undefined,
    password: string,
    signal?: AbortSignal
  ): Promise<PasswordCheck> {
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
   * Hashes a password for storage.
   *
   * @returns a PHC string
   * @throws {PasswordTooLong} if it has more than 1,024 bytes
   * @throws {Busy} if too many are waiting, and the signal's reason if it is aborted before the work begins
   */
  async hash(password: string, signal?: AbortSignal): Promise<string> {
    if (isTooLong(password)) throw new PasswordTooLong()
    return await this.#queue.run(() => hashPassword(password), signal)
  }

  async #verifyHash(
    hash: Argon2Hash,
    given: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<PasswordCheck> {
    const matches = await this.#matches(hash, given, signal)
    if (!matches || given === undefined) return WRONG
    return needsRehash(hash) ? await this.#upgrade(given) : CORRECT
  }

  #matches(
    hash: Argon2Hash,
    given: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<boolean> {
    return this.#queue.run(() => matchesHash(hash, given ?? ''), signal)
  }

  /** A correct password is accepted even if its upgrade has to wait for another login. */
  async #upgrade(password: string): Promise<PasswordCheck> {
    try {
      return { ok: true, upgrade: await this.hash(password) }
    } catch (error) {
      if (error instanceof Busy) return CORRECT
      throw error
    }
  }
}

function isTooLong(password: string): boolean {
  return password.length > MAX_PASSWORD_LENGTH || Buffer.byteLength(password) > MAX_PASSWORD_LENGTH
}
