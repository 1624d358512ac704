import type { Caller } from '../caller.ts'
import { type Checked, checkPassword } from '../check-password.ts'
import { audit } from '../events.ts'
import type { Parts } from '../parts.ts'
import { readCookie, setCookie } from '../sessions/cookies.ts'
import { isToken } from '../token.ts'
import { isOwnForm } from './csrf.ts'
import { readForm } from './form-body.ts'
import type { LoginPages } from './login-pages.ts'
import type { LoggedIn } from './login-parts.ts'
import type { PendingLogins } from './pending-logins.ts'
import { ProviderLogin } from './provider-login.ts'
import { queryOf } from './query-of.ts'
import { returnPath } from './return-path.ts'
import { SecondFactor } from './second-factor.ts'

/** The login page: shows its form, and handles what is sent with it. */
export class Login {
  readonly #parts: Parts
  readonly #pages: LoginPages
  readonly #pending: PendingLogins
  readonly #secondFactor: SecondFactor
  readonly #provider: ProviderLogin

  constructor(parts: Parts, pages: LoginPages, pending: PendingLogins) {
    const finish = async (caller: Caller, done: LoggedIn): Promise<void> =>
      this.#finish(caller, done)
    this.#parts = parts
    this.#pages = pages
    this.#pending = pending
    const shared = { parts, pages, pending, finish }
    this.#secondFactor = new SecondFactor(shared)
    this.#provider = new ProviderLogin(shared)
  }

  /** Responds to any request for the login page. Rejects if the store does, and with refusals. */
  async respond(caller: Caller): Promise<void> {
    const { raw } = caller.request
    if (raw.method === 'POST') return this.#submit(caller)
    const query = new URLSearchParams(queryOf(raw))
    if (await this.#provider.respond(caller, query)) return undefined
    return this.#pages.show(caller, 200, { next: returnPath(query.get('next')) })
  }

  async #submit(caller: Caller): Promise<void> {
    const form = await readForm(caller)
    const next = returnPath(form.get('next'))
    if (!isOwnForm(caller, form.get('csrf')))
      return this.#pages.show(caller, 403, { next, message: EXPIRED })
    const code = form.get('code')
    if (code !== null) return this.#secondFactor.check(caller, code, next)
    const [name, password] = [form.get('login') ?? '', form.get('password') ?? '']
    if (name === '' || password === '') {
      audit(this.#parts.log, 'failure', caller, {
        method: 'password',
        reason: 'no name or password'
      })
      return this.#pages.show(caller, 401, { next, message: WRONG, login: name })
    }
    const checked = await checkPassword(this.#parts, caller, { name, password })
    if (checked.kind !== 'correct') {
      const { reason, user } = checked
      audit(this.#parts.log, 'failure', caller, { user, method: 'password', reason })
    }
    return this.#conclude(caller, checked, name, next)
  }

  async #conclude(caller: Caller, checked: Checked, name: string, next: string): Promise<void> {
    switch (checked.kind) {
      case 'wait':
        return this.#pages.refuse(caller, checked.ms, { next, login: name })
      case 'wrong':
        return this.#pages.show(caller, 401, { next, message: WRONG, login: name })
      case 'correct': {
        const { user, mark } = checked
        if (user.totp !== undefined)
          return this.#secondFactor.requestCode(caller, { user: name, mark, next })
        const { groups } = user
        const done: LoggedIn = {
          user: name,
          groups,
          secondFactor: false,
          method: 'password',
          mark,
          next
        }
        return this.#finish(caller, done)
      }
    }
  }

  /**
   * security: always begins a new session and ends the existing one, whose cookie an attacker may have set (fixation).
   */
  async #finish(caller: Caller, done: LoggedIn): Promise<void> {
    const { site, settings, clientIp, request, reply } = caller
    const { user, groups, secondFactor, method, mark, issuer, next } = done
    const before = readCookie(caller, settings.cookie)
    const { sessions } = this.#parts
    if (isToken(before)) await sessions.end(site, before)
    const token = await sessions.begin(
      site,
      {
        user,
        groups: [...groups],
        second_factor: secondFactor,
        ip: clientIp,
        agent: request.raw.headers['user-agent'] ?? '',
        ...(mark === undefined ? {} : { check: mark }),
        ...(issuer === undefined ? {} : { issuer })
      },
      settings
    )
    await this.#pending.end(caller)
    setCookie(caller, settings.cookie, token)
    audit(this.#parts.log, 'login', caller, { user, method })
    reply.code(303).header('cache-control', 'no-store').header('location', next).send()
  }
}

const WRONG = 'The user name or the password is wrong.'
const EXPIRED = 'This form has expired. Please try again, and allow cookies for this site.'
