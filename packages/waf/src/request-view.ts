import type { IncomingMessage } from 'node:http'
import { checkPath } from '@reliw/options'
import { toByteString } from '@reliw/lua-pattern'
import { targetForms } from './target-forms.ts'

/** What rules see of a request. Strings are byte strings: one character from U+0000 to U+00FF per byte. */
export interface RequestView {
  readonly method: string
  /** The request target as it came: path and query string. */
  readonly target: string
  /** The same decoded once, and as other programs may read its path (`targetForms`). */
  readonly targetForms: readonly string[]
  /** The path alone, decoded once; undefined when two programs could take it for different paths (`checkPath`). */
  readonly decodedPath: string | undefined
  /** Every value of a header, in the order in which they came. */
  header: (lowerCaseName: string) => readonly string[]
  /** Whether all values of a header are among those that are known. */
  everyValue: (lowerCaseName: string, known: { has: (value: string) => boolean }) => boolean
}

const NONE: readonly string[] = []
/** Names and values that are searched for each header anew; more are put in order first. */
const MAX_SEARCHED = 100

/** A view of a request of node:http: its strings are byte strings already. */
export class HttpRequestView implements RequestView {
  readonly #raw: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>
  #forms: readonly string[] | undefined
  #path: string | false | undefined
  #values: Map<string, string[]> | undefined

  constructor(raw: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>) {
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
    if (rawHeaders.length > MAX_SEARCHED)
      return this.header(lowerCaseName).every((one) => known.has(one))
    for (let at = 0; at < rawHeaders.length; at += 2) {
      if (isNamed(rawHeaders[at] ?? '', lowerCaseName) && !known.has(rawHeaders[at + 1] ?? ''))
        return false
    }
    return true
  }

  header(lowerCaseName: string): readonly string[] {
    // Node leaves out all but the first of some headers: only the raw list has what was sent.
    const { rawHeaders } = this.#raw
    if (rawHeaders.length <= MAX_SEARCHED) return valuesOf(rawHeaders, lowerCaseName)
    this.#values ??= groupValues(rawHeaders)
    return this.#values.get(lowerCaseName) ?? NONE
  }
}

function valuesOf(rawHeaders: readonly string[], lowerCaseName: string): readonly string[] {
  let values: string[] | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!isNamed(rawHeaders[at] ?? '', lowerCaseName)) continue
    values ??= []
    values.push(rawHeaders[at + 1] ?? '')
  }
  return values ?? NONE
}

/** Most names differ in their length, or in their last letter. */
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
