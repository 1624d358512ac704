// The browser's part of a login at a provider that `startProvider` started.

/** What somebody does on the provider's page, instead of logging in. */
export interface LoginOptions {
  /** Chooses not to: the provider answers `access_denied`. */
  cancel?: boolean
}

/** Names and values of cookies, for the one origin that a login goes to. */
class CookieJar {
  readonly #cookies = new Map<string, string>()

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  take(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
  }
}

/**
 * Follows a login, with a browser that has no cookies yet, from the URL that a relying party redirects
 * to, through the provider's form, to where the provider redirects. Rejects when it does not.
 *
 * @param location with the provider's origin
 * @returns the callback URL, with its query; it is not asked for
 */
export async function logInAtProvider(
  location: string,
  account: string,
  options: LoginOptions = {}
): Promise<URL> {
  const jar = new CookieJar()
  const { origin } = new URL(location)
  let response = await visit(location, jar)
  for (;;) {
    const next = redirectOf(response)
    if (next === undefined) throw new Error(`${response.status} at ${response.url}`)
    if (next.origin !== origin) return next
    const form = next.pathname.startsWith('/interaction/')
    if (form) await visit(next, jar)
    response = await visit(next, jar, form ? fillIn(account, options) : undefined)
  }
}

async function visit(url: string | URL, jar: CookieJar, form?: URLSearchParams): Promise<Response> {
  const method = form === undefined ? 'GET' : 'POST'
  const headers = { cookie: jar.header, connection: 'close' }
  const response = await fetch(url, { method, headers, body: form ?? null, redirect: 'manual' })
  await response.bytes()
  jar.take(response)
  return response
}

function fillIn(account: string, { cancel = false }: LoginOptions): URLSearchParams {
  return new URLSearchParams(cancel ? { cancel: 'yes' } : { account })
}

function redirectOf({ headers, url }: Response): URL | undefined {
  const location = headers.get('location')
  return location === null ? undefined : new URL(location, url)
}
