import type { FastifyRequest } from 'fastify'
import { isNamed } from '../header-list.ts'
import type { CorsSettings } from './rules.ts'

const PREFIX = 'access-control-'
/** Longest Origin that is compared: a scheme, a name of 253 characters and a port are shorter. */
const LONGEST_ORIGIN = 512
const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/
const PORT = /^\d{1,5}$/

/** Whether a request asks which requests a page of another origin may make (Fetch, CORS-preflight). */
export function isPreflight({ raw }: Pick<FastifyRequest, 'raw'>): boolean {
  const { method, headers } = raw
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}

/** The headers by which browsers decide whether a page of another origin may read a response. */
export class CorsHeaders {
  readonly #settings: CorsSettings
  readonly #exact: ReadonlySet<string>
  readonly #patterns: readonly string[]
  /** Every response is the same, whoever asks. */
  readonly #isForAll: boolean

  constructor(settings: CorsSettings) {
    this.#settings = settings
    this.#exact = new Set(settings.origins.filter((origin) => !origin.includes('*')))
    this.#patterns = settings.origins.filter((origin) => origin.length > 1 && origin.includes('*'))
    this.#isForAll = settings.origins.includes('*')
  }

  /**
   * Replaces the CORS headers of a response. Vary names Origin in every response, also in those without CORS headers: a
   * cache must not give one origin what was sent to another.
   *
   * @param headers name, value, name, value, …; of the caller's own
   */
  apply(headers: readonly string[], request: Pick<FastifyRequest, 'raw'>): string[] {
    const { credentials, exposed_headers: exposed } = this.#settings
    const sent = withoutCors(headers)
    const { origin } = request.raw.headers
    const isAsked = isPreflight(request)
    if (!this.#isForAll) addVary(sent, 'Origin')
    if (isAsked) addVary(sent, 'Access-Control-Request-Method, Access-Control-Request-Headers')
    if (!this.#isForAll && (origin === undefined || !this.#isAllowed(origin))) return sent
    sent.push('access-control-allow-origin', this.#isForAll ? '*' : (origin ?? ''))
    if (credentials) sent.push('access-control-allow-credentials', 'true')
    if (isAsked) this.#addPermissions(sent)
    else if (exposed.length > 0) sent.push('access-control-expose-headers', exposed.join(', '))
    return sent
  }

  #addPermissions(sent: string[]): void {
    const { methods, headers, max_age } = this.#settings
    if (methods.length > 0) sent.push('access-control-allow-methods', methods.join(', '))
    if (headers.length > 0) sent.push('access-control-allow-headers', headers.join(', '))
    sent.push('access-control-max-age', String(Math.floor(max_age / 1000)))
  }

  #isAllowed(origin: string): boolean {
    if (this.#exact.has(origin)) return true
    if (this.#patterns.length === 0 || origin.length > LONGEST_ORIGIN) return false
    return this.#patterns.some((pattern) => matches(pattern, origin))
  }
}

/** `*.` stands for labels of a host, `:*` for a port or none. security: neither for the `/`, `:` or `@` of a URL. */
function matches(pattern: string, origin: string): boolean {
  let [wanted, given] = [pattern, origin]
  if (pattern.endsWith(':*')) {
    wanted = pattern.slice(0, -2)
    const colon = origin.lastIndexOf(':')
    if (PORT.test(origin.slice(colon + 1))) given = origin.slice(0, colon)
  }
  const star = wanted.indexOf('*')
  if (star === -1) return wanted === given
  const [scheme, domain] = [wanted.slice(0, star), wanted.slice(star + 1)]
  if (!given.startsWith(scheme) || !given.endsWith(domain)) return false
  return LABELS.test(given.slice(scheme.length, -domain.length))
}

function withoutCors(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    const isCors = name.length > PREFIX.length && isNamed(name.slice(0, PREFIX.length), PREFIX)
    if (!isCors) kept.push(name, headers[at + 1] ?? '')
  }
  return kept
}

function addVary(headers: string[], names: string): void {
  for (let at = 0; at < headers.length; at += 2) {
    if (!isNamed(headers[at] ?? '', 'vary')) continue
    const value = headers[at + 1] ?? ''
    const has = value.toLowerCase().split(/[\s,]+/)
    if (
      has.includes('*') ||
      names
        .toLowerCase()
        .split(', ')
        .every((one) => has.includes(one))
    )
      return
    headers[at + 1] = value === '' ? names : `${value}, ${names}`
    return
  }
  headers.push('vary', names)
}
