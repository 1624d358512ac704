// What a browser does with an app's pages, but for drawing them.

/** An answer, read to its end. */
export interface BrowserResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where it leads, as it says it; undefined when it leads nowhere. */
  readonly location: string | undefined
  /** Its cookies, with their attributes. */
  readonly setCookies: readonly string[]
}

export interface VisitOptions {
  method?: string
  headers?: Record<string, string>
  /** Sent as a form. */
  form?: Record<string, string>
}

/** One client with cookies of its own, that follows no redirects. */
export class Browser {
  readonly origin: string
  /** By name; whether they are secure does not matter here. */
  readonly cookies = new Map<string, string>()

  constructor(origin: string) {
    this.origin = origin
  }

  /** The session's cookie; undefined when there is none. */
  get session(): string | undefined {
    return this.cookies.get('rlw_session_token') ?? this.cookies.get('__Host-rlw_session_token')
  }

  async visit(path: string, options: VisitOptions = {}): Promise<BrowserResponse> {
    const { method = options.form === undefined ? 'GET' : 'POST', form, headers } = options
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(this.origin + path, {
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      body: form === undefined ? null : new URLSearchParams(form),
      redirect: 'manual'
    })
    const text = await response.text()
    const setCookies = response.headers.getSetCookie()
    for (const line of setCookies) this.#take(line)
    const location = response.headers.get('location') ?? undefined
    return { status: response.status, headers: response.headers, text, location, setCookies }
  }

  /** Opens the login page, and sends its form, as browsers do. */
  async logIn(login: string, password: string, path = '/login'): Promise<BrowserResponse> {
    const page = await this.visit(path)
    return this.submit(page, { login, password })
  }

  /** Fills in the form of a page and sends it. */
  async submit(
    page: BrowserResponse,
    fields: Record<string, string>,
    headers: Record<string, string> = {}
  ): Promise<BrowserResponse> {
    const action = attributeOf(page.text, /<form [^>]*action="([^"]*)"/)
    const hidden = page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)
    const form = Object.fromEntries([...hidden].map(([, name, value = '']) => [name, plain(value)]))
    const own = { origin: this.origin, 'sec-fetch-site': 'same-origin' }
    return this.visit(action, { form: { ...form, ...fields }, headers: { ...own, ...headers } })
  }

  #take(line: string): void {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
    if (value === '' || /;\s*max-age=0/i.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** The value of a hidden field of a page's form. */
export function fieldOf({ text }: BrowserResponse, name: string): string {
  return attributeOf(text, new RegExp(`name="${name}" value="([^"]*)"`))
}

function attributeOf(text: string, pattern: RegExp): string {
  const value = pattern.exec(text)?.[1]
  if (value === undefined) throw new Error(`no ${pattern.source} in ${text}`)
  return plain(value)
}

function plain(escaped: string): string {
  return escaped.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
}
