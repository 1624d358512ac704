import { weakMemoize } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { HeaderValues } from '../node-internals/index.ts'
import { CorsHeaders } from './cors.ts'
import { HeaderProgram } from './program.ts'
import { type EntryWithHeaders, type HeaderRules, type HeaderSettings, NO_RULES } from './rules.ts'
import { addFramePolicy, mergeSecurity, type SecurityPreset, securityRules } from './security.ts'

const NOTHING: HeaderSettings = {}
const NO_ENTRY: EntryWithHeaders = { headers: { content: {}, rules: undefined } }
const NO_HEADERS: HeaderValues = {}
const CACHING = ['cache-control', 'expires', 'pragma']
/** Headers that an error page has for itself. */
const OF_ERROR_PAGE = [...CACHING, 'content-type', 'content-disposition']

/**
 * `content`: with content of the site, which the further headers of an entry are for; `error`: an error page of the
 * server; `other`: everything else.
 */
export type ResponseClass = 'content' | 'error' | 'other'

/** The header rules of a site, an entry and an upstream together, compiled once. Later levels take precedence. */
export class CompiledHeaders {
  readonly cors: CorsHeaders | undefined
  readonly #request: HeaderProgram
  readonly #levels: readonly HeaderSettings[]
  readonly #content: HeaderRules
  readonly #security: SecurityPreset | undefined
  readonly #plain: Programs = {}
  readonly #secure: Programs = {}

  constructor(site: HeaderSettings, entry: EntryWithHeaders, upstream: HeaderSettings) {
    const { content, rules = NOTHING } = entry.headers
    const set = lowerCased(content)
    // security: a shared cache would give content that is for some clients only to others.
    const hasOwnCaching =
      entry.auth !== undefined ||
      entry.allow_from !== undefined ||
      entry.deny_from !== undefined ||
      entry.cache_control !== undefined ||
      CACHING.some((name) => name in set)
    const response = hasOwnCaching ? without(CACHING, site.response) : site.response
    this.#levels = [{ ...site, response }, rules, upstream]
    // The content has its Cache-Control already, which is another one for a fallback.
    this.#content = without(CACHING, { ...NO_RULES, set })
    this.#security = mergeSecurity([site.security, rules.security])
    const cors = rules.cors ?? site.cors
    this.cors = cors ? new CorsHeaders(cors) : undefined
    this.#request = new HeaderProgram(
      this.#levels.map(({ request = NO_RULES }) => request),
      true
    )
  }

  /** Headers for an origin; the same list where there are no rules. */
  ofRequest(headers: string[]): string[] {
    return this.#request.isEmpty ? headers : this.#request.apply(headers, NO_HEADERS)
  }

  /**
   * Headers of a response.
   *
   * @param own headers that are added after these, and take precedence
   */
  ofResponse(
    headers: readonly string[],
    own: HeaderValues,
    request: FastifyRequest,
    kind: ResponseClass
  ): string[] {
    const { isSecure } = request.facts
    const programs = isSecure ? this.#secure : this.#plain
    const program = (programs[kind] ??= this.#compile(kind, isSecure))
    let sent = program.apply(headers, own)
    const frames = this.#security?.frame_ancestors
    if (frames && !program.replaces('content-security-policy')) addFramePolicy(sent, own, frames)
    if (this.cors !== undefined) sent = this.cors.apply(sent, request)
    return sent
  }

  #compile(kind: ResponseClass, isSecure: boolean): HeaderProgram {
    const preset = this.#security && securityRules(this.#security, isSecure)
    const content = kind === 'content' ? this.#content : undefined
    const [site, entry, upstream] = this.#levels.map(({ response }) => response)
    const levels = [preset, site, content, entry, upstream].filter((level) => level !== undefined)
    return new HeaderProgram(
      kind === 'error' ? levels.map((level) => without(OF_ERROR_PAGE, level)) : levels,
      false
    )
  }
}

type Programs = { [Kind in ResponseClass]?: HeaderProgram }

const compile = weakMemoize((site: HeaderSettings) =>
  weakMemoize((entry: EntryWithHeaders) =>
    weakMemoize((upstream: HeaderSettings) => new CompiledHeaders(site, entry, upstream))
  )
)

/** The compiled rules of a request; undefined where no level has any. */
export function compiledHeaders(
  site: HeaderSettings | undefined,
  entry: EntryWithHeaders | undefined,
  upstream: HeaderSettings | undefined
): CompiledHeaders | undefined {
  if (site === undefined && upstream === undefined && entry?.headers.rules === undefined)
    return undefined
  return compile(site ?? NOTHING)(entry ?? NO_ENTRY)(upstream ?? NOTHING)
}

/** The rules, except those for some headers. */
function without(names: readonly string[], rules: HeaderRules): HeaderRules
function without(names: readonly string[], rules?: HeaderRules): HeaderRules | undefined
function without(names: readonly string[], rules?: HeaderRules): HeaderRules | undefined {
  if (rules === undefined) return undefined
  const { set, add, remove, default: absent } = rules
  const ofOthers = <V>(values: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
  return {
    set: ofOthers(set),
    add: ofOthers(add),
    remove: remove.filter((name) => !names.includes(name)),
    default: ofOthers(absent)
  }
}

function lowerCased(values: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name.toLowerCase(), [value]])
  )
}
