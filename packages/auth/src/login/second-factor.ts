import type { Caller } from '../caller.ts'
import { audit } from '../events.ts'
import type { Parts } from '../parts.ts'
import { checkTotp } from '../totp/totp.ts'
import { markOf } from '../users.ts'
import type { BackOff } from './back-off.ts'
import type { LoggedIn } from './login.ts'
import type { LoginPages } from './login-pages.ts'
import type { PendingLogins } from './pending-logins.ts'

/** The second step of a login: a code that changes every 30 seconds (RFC 6238). */
export class SecondFactor {
  readonly #parts: Parts
  readonly #pages: LoginPages
  readonly #pending: PendingLogins
  readonly #finish: (caller: Caller, done: LoggedIn) => Promise<void>

  constructor(
    parts: Parts,
    pages: LoginPages,
    pending: PendingLogins,
    finish: (caller: Caller, done: LoggedIn) => Promise<void>
  ) {
    this.#parts = parts
    this.#pages = pages
    this.#pending = pending
    this.#finish = finish
  }

  /** The password was right: asks for the code. */
  async ask(caller: Caller, login: { user: string; mark: string; next: string }): Promise<void> {
    await this.#pending.begin(caller, { kind: 'code', ...login })
    await this.#pages.show(caller, 200, { next: login.next, code: true })
  }

  async check(caller: Caller, code: string, next: string): Promise<void> {
    const login = await this.#pending.find(caller, 'code')
    if (login === undefined) return this.#pages.show(caller, 401, { next, message: OVER })
    const { host } = caller
    const { user: name, mark } = login
    const user = await this.#parts.findUser(host, name)
    if (user?.totp === undefined || user.disabled || markOf(user) !== mark) {
      await this.#pending.end(caller)
      return this.#pages.show(caller, 401, { next, message: OVER })
    }
    const wait = await this.#backOff.begin(host, `code:${name}`)
    if (wait > 0) {
      this.#fail(caller, name, 'too many failures')
      return this.#pages.refuse(caller, wait, { next, code: true })
    }
    const step = checkTotp(user.totp, code)
    const isNew = step !== undefined && (await this.#parts.guard.isFirst(host, `${name}:${step}`))
    if (!isNew) {
      this.#fail(caller, name, step === undefined ? 'wrong code' : 'code used before')
      return this.#pages.show(caller, 401, { next, code: true, message: WRONG })
    }
    await this.#backOff.forget(host, `code:${name}`)
    const { groups } = user
    const done: LoggedIn = {
      user: name,
      groups,
      secondFactor: true,
      way: 'code',
      mark,
      next: login.next
    }
    return this.#finish(caller, done)
  }

  get #backOff(): BackOff {
    return this.#parts.guard.byUser
  }

  #fail(caller: Caller, user: string, reason: string): void {
    audit(this.#parts.log, 'failure', caller, { user, way: 'code', reason })
  }
}

const WRONG = 'This code is wrong, or was used before. Please enter the next one.'
const OVER = 'This took too long. Please sign in again.'
