import type { Caller } from '../caller.ts'
import { audit } from '../events.ts'
import { checkTotp } from '../totp/totp.ts'
import { markOf } from '../users.ts'
import type { LoggedIn, LoginParts } from './login-parts.ts'

/** The second step of a login: a code that changes every 30 seconds (RFC 6238). */
export class SecondFactor {
  readonly #login: LoginParts

  constructor(login: LoginParts) {
    this.#login = login
  }

  /** Asks for the code, after a correct password. */
  async requestCode(
    caller: Caller,
    login: { user: string; mark: string; next: string }
  ): Promise<void> {
    await this.#login.pending.begin(caller, { kind: 'code', ...login })
    await this.#login.pages.show(caller, 200, { next: login.next, code: true })
  }

  async check(caller: Caller, code: string, next: string): Promise<void> {
    const login = await this.#login.pending.find(caller, 'code')
    if (login === undefined) return this.#login.pages.show(caller, 401, { next, message: EXPIRED })
    const { site: host, clientIp } = caller
    const { guard } = this.#login.parts
    const { user: name, mark } = login
    const user = await this.#login.parts.findUser(host, name)
    if (user?.totp === undefined || user.disabled || markOf(user) !== mark) {
      await this.#login.pending.end(caller)
      return this.#login.pages.show(caller, 401, { next, message: EXPIRED })
    }
    const attempt = { host, clientIp, user: name, kind: 'code' } as const
    const wait = await guard.waits.begin(attempt)
    if (wait > 0) {
      this.#fail(caller, name, 'too many failures')
      return this.#login.pages.refuse(caller, wait, { next, code: true })
    }
    const step = checkTotp(user.totp, code)
    const isNew = step !== undefined && (await guard.isFirst(host, `${name}:${step}`))
    if (!isNew) {
      this.#fail(caller, name, step === undefined ? 'wrong code' : 'code used before')
      return this.#login.pages.show(caller, 401, { next, code: true, message: WRONG })
    }
    await guard.waits.end(attempt, true)
    const { groups } = user
    const done: LoggedIn = {
      user: name,
      groups,
      secondFactor: true,
      method: 'code',
      mark,
      next: login.next
    }
    return this.#login.finish(caller, done)
  }

  #fail(caller: Caller, user: string, reason: string): void {
    audit(this.#login.parts.log, 'failure', caller, { user, method: 'code', reason })
  }
}

const WRONG = 'This code is wrong, or was used before. Please enter the next one.'
const EXPIRED = 'This took too long. Please sign in again.'
