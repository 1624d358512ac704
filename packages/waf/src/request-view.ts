import { checkPath } from '@reliw/options'
import { toByteString } from '@reliw/lua-pattern'
import { targetForms } from './target-forms.ts'

/** A request as rules see it. Strings are byte strings: one character from U+0000 to U+00FF per byte. */
export interface RequestView {
  readonly method: string
  /** The request target as received: path and query string. */
  readonly target: string
  /** Other forms of the target: decoded once, and with its path as other programs may read it (`targetForms`). */
  readonly targetForms: readonly string[]
  /** The path alone, decoded once; undefined if two programs could read it as different paths (`checkPath`). */
  readonly decodedPath: string | undefined
  /** All values of a header, in the order received; of `host` also the host that HTTP/2 names in `:authority`. */
  header: (lowerCaseName: string) => readonly string[]
  /** Whether all values of a header are in `known`. */
  everyValue: (lowerCaseName: string, known: { has: (value: string) => boolean }) => boolean
}

/** The parts of a node:http request that rules see. */
export interface RawRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Name, value, name, value, … */
  readonly rawHeaders: readonly string[]
}

const NONE: readonly string[] = []
/**
 * Up to this length (names and values) `rawHeaders` is searched at each lookup; a longer list is grouped by name once.
 */
const MAX_SEARCHED = 100

/** A view of a node:http request, whose strings are byte strings already. */
export class HttpRequestView implements RequestView {
  readonly #raw: RawRequest
  #forms: readonly string[] | undefined
  #path: string | false | undefined
  #values: Map<string, string[]> | undefined

  constructor(raw: RawRequest) {
    this.#raw = raw
  }

  get method(): string {
    return this.#raw.method ?? ''
  }

  get target(): string {
    return this.#raw.url ?? ''
  }

  get targetForms(): readonly string[] {
    return (this.#forms ??= targetForms(this.target))
  }

  get decodedPath(): string | undefined {
    if (this.#path === undefined) {
      const path = checkPath(this.target)
      this.#path = path !== undefined && toByteString(path)
    }
    return this.#path === false ? undefined : this.#path
  }

  everyValue(lowerCaseName: string, known: { has: (value: string) => boolean }): boolean {
    const { rawHeaders } = this.#raw
    if (rawHeaders.length > MAX_SEARCHED || lowerCaseName === 'host')
      return this.header(lowerCaseName).every((one) => known.has(one))
    for (let at = 0; at < rawHeaders.length; at += 2) {
      if (isNamed(rawHeaders[at] ?? '', lowerCaseName) && !known.has(rawHeaders[at + 1] ?? ''))
        return false
    }
    return true
  }

  header(lowerCaseName: string): readonly string[] {
    const values = this.#valuesOf(lowerCaseName)
    if (lowerCaseName !== 'host') return values
    // security: clients of HTTP/2 send `:authority` instead of Host (RFC 9113 8.3.1): rules for Host would be bypassed.
    const authority = this.#valuesOf(':authority')
    return authority.length === 0 ? values : [...authority, ...values]
  }

  #valuesOf(lowerCaseName: string): readonly string[] {
    // security: `headers` of node has only the first value of some headers; `rawHeaders` has all that were sent.
    const { rawHeaders } = this.#raw
    if (rawHeaders.length <= MAX_SEARCHED) return searchValues(rawHeaders, lowerCaseName)
    this.#values ??= groupValues(rawHeaders)
    return this.#values.get(lowerCaseName) ?? NONE
  }
}

function searchValues(rawHeaders: readonly string[], lowerCaseName: string): readonly string[] {
  let values: string[] | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!isNamed(rawHeaders[at] ?? '', lowerCaseName)) continue
    values ??= []
    values.push(rawHeaders[at + 1] ?? '')
  }
  return values ?? NONE
}

/** Compares the length and the last letter first: most names differ in one of them. */
function isNamed(name: string, lowerCaseName: string): boolean {
  const last = name.length - 1
  return (
    last === lowerCaseName.length - 1 &&
    (name.charCodeAt(last) | 0x20) === (lowerCaseName.charCodeAt(last) | 0x20) &&
    name.toLowerCase() === lowerCaseName
  )
}

function groupValues(rawHeaders: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? ''
    const value = rawHeaders[at + 1] ?? ''
    const others = values.get(name)
    if (others === undefined) values.set(name, [value])
    else others.push(value)
  }
  return values
}
