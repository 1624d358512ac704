import { normalizeAddress } from '@reliw/options'
import type { Caller } from '../caller.ts'
import { csrfToken } from './csrf.ts'
import { barePage, loginForm, logoutForm, type LoginForm } from './login-page.ts'

/** Renders content in the layout of a host's login page. */
export type RenderPage = (
  caller: Caller,
  page: { title: string; content: string }
) => Promise<string>

/** Sends the login and logout pages in the site's layout. */
export class LoginPages {
  readonly #render: RenderPage

  constructor(
    render: RenderPage = async (_caller, { title, content }) => barePage(title, content)
  ) {
    this.#render = render
  }

  async show(
    caller: Caller,
    status: number,
    form: Pick<LoginForm, 'next' | 'message' | 'code' | 'login'>
  ): Promise<void> {
    const { settings } = caller
    const content = loginForm({
      ...form,
      message: form.message ?? (rejectsCookies(caller) ? NEEDS_HTTPS : undefined),
      action: settings.login_path,
      csrf: csrfToken(caller),
      provider: form.code === true ? undefined : settings.oidc?.label
    })
    await this.#send(caller, status, 'Sign in', content)
  }

  /** Refuses an attempt after too many failures; `ms`: milliseconds until the next one is accepted. */
  async refuse(
    caller: Caller,
    ms: number,
    form: Pick<LoginForm, 'next' | 'code' | 'login'>
  ): Promise<void> {
    const seconds = Math.max(1, Math.ceil(ms / 1000))
    caller.reply.header('retry-after', String(seconds))
    const message = `Too many attempts failed. Please try again in ${seconds} seconds.`
    await this.show(caller, 429, { ...form, message })
  }

  async confirmLogout(caller: Caller): Promise<void> {
    const { url = '/' } = caller.request.raw
    await this.#send(caller, 200, 'Sign out', logoutForm(pathOf(url)))
  }

  async #send(caller: Caller, status: number, title: string, content: string): Promise<void> {
    const { reply } = caller
    const body = Buffer.from(await this.#render(caller, { title, content }))
    reply
      .code(status)
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-security-policy', "frame-ancestors 'none'; base-uri 'none'")
      .header('x-frame-options', 'DENY')
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'same-origin')
      .send(body)
  }
}

/**
 * The path of a request target, as a path of this host.
 *
 * security: a browser reads `//host/logout` and `/\\host/logout` as URLs of another host.
 */
function pathOf(target: string): string {
  const [path = ''] = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '').split('?', 1)
  return `/${path.replace(/^[/\\]+/, '')}`
}

/** Whether signing in cannot work: without TLS, browsers reject `Secure` cookies unless they come from this machine. */
function rejectsCookies({ isSecure, settings, host }: Caller): boolean {
  if (isSecure || settings.allow_http || host === 'localhost' || host.endsWith('.localhost'))
    return false
  const address = normalizeAddress(host.replace(/^\[|\]$/g, ''))
  return !(address === '::1' || address?.startsWith('127.') === true)
}

const NEEDS_HTTPS = 'This connection is not encrypted: signing in works over https only.'
