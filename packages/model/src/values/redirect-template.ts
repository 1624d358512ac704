import { normalizeHost } from '@reliw/options'

/**
 * Where a variable stands, which decides how its value is encoded; `begun query`: right behind `?` or `&`, where a query
 * string needs no separator.
 */
export type Place = 'host' | 'path' | 'query' | 'begun query' | 'fragment'

/** A part of a template: text, or a variable; a number is a capture, 0 the whole match. */
export type Part = string | { readonly variable: number | Name; readonly place: Place }

type Name = (typeof VARIABLES)[number]

export interface Template {
  readonly scheme: 'http' | 'https' | undefined
  readonly parts: readonly Part[]
}

/** Scheme and host of a URL. */
const ORIGIN = /^(https?):\/\/((?:[^/?#%$\\]|\$\{(?:host|subdomain)\})*)/i
/** What may follow a host: otherwise a client's text would become a part of it. */
const AFTER_HOST = /^(?:$|[/?#]|\$\{(?:path|query)\})/
const PATH = /^(?:\/(?!\/)|\$\{path\}|%\d)/
const TOKEN = /%(.?)|\$\{([^}]*)(\}?)|[^%$]+|\$/gsu
const VARIABLES = ['host', 'subdomain', 'path', 'query'] as const
/** A host in which the domain is written out. */
const BELOW_DOMAIN = /^[^$]*\$\{subdomain\}\.[^$.:]+\.[^$]+$/

/**
 * Parses the template of a redirect.
 *
 * @throws Error with the validation issue
 */
export function parseTemplate(template: string): Template {
  // eslint-disable-next-line no-control-regex -- control characters are looked for
  if (/[\0-\x1F\x7F]/.test(template)) throw new Error('control characters are not allowed')
  const [origin = '', scheme = '', host = ''] = ORIGIN.exec(template) ?? []
  if (origin === '') {
    if (template.startsWith('//')) throw new Error('"//" leads to another host: write its URL')
    if (!PATH.test(template))
      throw new Error('expected a path such as "/new", or a URL such as "https://example.com/"')
    return { scheme: undefined, parts: partsOf(template, 'path') }
  }
  const rest = template.slice(origin.length)
  if (!AFTER_HOST.test(rest))
    throw new Error(
      'only ${host} and ${subdomain} may be used in the host, so that no client can choose it; write a slash behind the host'
    )
  if (host.includes('${subdomain}') && !BELOW_DOMAIN.test(host))
    throw new Error('expected a domain after ${subdomain}, such as "${subdomain}.example.com"')
  if (normalizeHost(host.replaceAll(/\$\{\w+\}/g, 'a.example')) === undefined)
    throw new Error(`"${host}" is not a host; a name in other letters is written as "xn--…"`)
  const name = scheme.toLowerCase() === 'https' ? 'https' : 'http'
  const parts = [`${name}://`, ...partsOf(host, 'host'), ...partsOf(rest, 'path')]
  return { scheme: name, parts }
}

function partsOf(text: string, beginning: Place): Part[] {
  const parts: Part[] = []
  let place = beginning
  let hasQuery = false
  for (const [token, percent, name, brace] of text.matchAll(TOKEN)) {
    if (hasQuery && !token.startsWith('#'))
      throw new Error('${query} is the end of the URL; only "#…" may follow')
    const part = partOf(token, percent, brace === '' ? undefined : name, place)
    parts.push(part)
    if (typeof part === 'string') place = placeAfter(part, place)
    else if (part.variable === 'query') {
      if (place === 'fragment') throw new Error('${query} has no effect after "#"')
      hasQuery = true
    } else if (place === 'begun query') place = 'query'
    if (typeof part === 'string' && part.includes('#')) hasQuery = false
  }
  return parts
}

function partOf(
  token: string,
  percent: string | undefined,
  name: string | undefined,
  place: Place
): Part {
  if (percent !== undefined) {
    if (percent === '%') return '%'
    if (/^\d$/.test(percent)) return { variable: Number(percent), place }
    throw new Error('expected "%0" to "%9" for a capture, or "%%" for a percent sign')
  }
  if (!token.startsWith('${')) return token
  const variable = VARIABLES.find((known) => known === name)
  if (variable === undefined) {
    const known = VARIABLES.map((one) => `\${${one}}`).join(', ')
    throw new Error(`"${token}" is none of the variables ${known}`)
  }
  return { variable, place }
}

function placeAfter(text: string, place: Place): Place {
  if (place === 'host' || place === 'fragment') return place
  if (text.includes('#')) return 'fragment'
  if (place === 'path' && !text.includes('?')) return place
  return /[?&]$/.test(text) ? 'begun query' : 'query'
}
