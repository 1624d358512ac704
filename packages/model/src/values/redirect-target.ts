import { type LuaPattern, toByteString } from '@reliw/lua-pattern'
import { encodeComponent, encodeLiteral, encodePath, encodeQuery } from './uri-text.ts'
import { type Part, parseTemplate } from './redirect-template.ts'

/** Maximum length of a location, in characters. */
const MAX_LOCATION = 8192

/** The parts of a request that a redirect may use. */
export interface RedirectedRequest {
  /** Normalized, without port; IPv6 without brackets. */
  readonly host: string
  /** The part of the host that the wildcard of the site stands for; '' without one. */
  readonly subdomain: string
  /** Decoded, without the query string. */
  readonly path: string
  /** As the client sent it, with `?`; '' without a query string. */
  readonly query: string
}

/** The location would be longer than 8,192 characters. */
export class LocationTooLong extends Error {
  constructor() {
    super('the location of the redirect is too long')
  }
}

/** The route that led to the redirect has fewer captures than the redirect uses. */
export class MissingCapture extends Error {
  constructor(capture: number) {
    super(`redirect.to uses %${capture}, but the route has fewer captures`)
  }
}

/**
 * Where a redirect leads: `to`, with variables for parts of the request.
 *
 * security: scheme and host come from the stored value, or are the host of the request itself; so a client cannot choose
 * another one. Everything else from the request is percent-encoded.
 */
export class RedirectTarget {
  readonly #parts: readonly Part[]
  readonly #captures: number
  /** The scheme that is written out; undefined for a path, which stays on the scheme and host of the request. */
  readonly scheme: 'http' | 'https' | undefined

  /** @throws Error with the validation issue, for a template that is invalid */
  constructor(template: string) {
    const { scheme, parts } = parseTemplate(template)
    this.scheme = scheme
    this.#parts = parts.map((part) => (typeof part === 'string' ? encodeLiteral(part) : part))
    this.#captures = Math.max(-1, ...parts.map((part) => (isCapture(part) ? part.variable : -1)))
  }

  /** The highest capture that is used: 1 for `%1`; 0 for `%0`, the whole match; -1 for none. */
  get captures(): number {
    return this.#captures
  }

  /**
   * The location for a request.
   *
   * @param pattern of the route that led here; undefined for an exact route
   * @throws LocationTooLong, MissingCapture, LuaPatternBudgetError
   */
  locate(request: RedirectedRequest, pattern: LuaPattern | undefined): string {
    const found = this.#captures < 0 ? NONE : capturesOf(pattern, toByteString(request.path))
    return this.#fill(request, found)
  }

  /** A location as it could be: every capture is `text`, and the path `/text`. */
  sample(host: string, text: string): string {
    return this.#fill(
      { host, subdomain: text, path: `/${text}`, query: '' },
      Array<string>(10).fill(text)
    )
  }

  #fill(request: RedirectedRequest, found: readonly string[]): string {
    let location = ''
    for (const part of this.#parts) {
      const value = typeof part === 'string' ? part : valueOf(part, request, found)
      const isRepeated = location.endsWith('/') && value.startsWith('/') && typeof part !== 'string'
      location += isRepeated ? value.slice(1) : value
      if (location.length > MAX_LOCATION) throw new LocationTooLong()
    }
    // security: "//host" would lead to another host.
    if (this.scheme === undefined) return location.replace(/^\/*/, '/')
    // A host without subdomain.
    return location.replace('://.', '://')
  }
}

const NONE: readonly string[] = []

type Variable = Exclude<Part, string>

function isCapture(part: Part): part is Variable & { variable: number } {
  return typeof part !== 'string' && typeof part.variable === 'number'
}

/** The whole match, then the captures, which without any are the whole match again: `%0`, `%1`, … */
function capturesOf(pattern: LuaPattern | undefined, path: string): readonly string[] {
  const match = pattern?.match(path)
  if (match === undefined) return [path, path]
  return [path.slice(match.start, match.end), ...match.captures.map(String)]
}

function valueOf(
  { variable, place }: Variable,
  { host, subdomain, path, query }: RedirectedRequest,
  captures: readonly string[]
): string {
  if (variable === 'query') return queryAt(place, query)
  if (variable === 'host') {
    if (place !== 'host') return encodeComponent(host)
    return host.includes(':') ? `[${host}]` : host
  }
  if (variable === 'subdomain') return place === 'host' ? subdomain : encodeComponent(subdomain)
  const text = variable === 'path' ? toByteString(path) : captures[variable]
  if (text === undefined) throw new MissingCapture(Number(variable))
  return place === 'path' ? encodePath(text) : encodeComponent(text)
}

function queryAt(place: Variable['place'], query: string): string {
  if (query.length < 2) return ''
  const text = encodeQuery(query.slice(1))
  if (place === 'path') return `?${text}`
  return place === 'begun query' ? text : `&${text}`
}
