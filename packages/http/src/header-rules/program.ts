import { withDashes } from '../header-list.ts'
import type { HeaderValues } from '../node-internals/index.ts'
import type { HeaderRules } from './rules.ts'

/** What happens to one header. */
interface Step {
  readonly name: string
  /** The values that the message has are removed. */
  isDropped: boolean
  values: readonly string[]
  /** Sent if there is no value. */
  fallback: readonly string[]
}

/** Names for which a response may have values from several levels and from plugins. */
const ADDED_BY_PLUGINS = 'set-cookie'

/** The merged rules of all levels for the headers of a message. */
export class HeaderProgram {
  readonly #steps = new Map<string, Step>()
  /** The same, for iteration without an iterator. */
  readonly #list: Step[]
  readonly #key: (lower: string) => string

  /**
   * Later levels take precedence: their `set` and `remove` replace what earlier ones set, add or default to.
   *
   * @param isRequest whether the message is for an origin. security: CGI and WSGI origins read `X_Name` as `X-Name`, so
   *   that rules concern every spelling of a name
   */
  constructor(levels: readonly HeaderRules[], isRequest: boolean) {
    this.#key = isRequest ? withDashes : (lower) => lower
    for (const level of levels) this.#merge(level)
    this.#list = [...this.#steps.values()]
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  /** Whether the rules decide about a header, whatever its value is otherwise. */
  replaces(name: string): boolean {
    return this.#steps.get(this.#key(name))?.isDropped === true
  }

  #merge({ set, add, remove, default: absent }: HeaderRules): void {
    for (const name of remove) this.#replace(name, [])
    for (const name in set) this.#replace(name, set[name] ?? [])
    for (const name in add) {
      const step = this.#step(name)
      step.values = [...step.values, ...(add[name] ?? [])].map(intern)
    }
    for (const name in absent) this.#step(name).fallback = (absent[name] ?? []).map(intern)
  }

  #replace(name: string, values: readonly string[]): void {
    const step = { name: intern(name), isDropped: true, values: values.map(intern), fallback: [] }
    this.#steps.set(this.#key(name), step)
  }

  #step(name: string): Step {
    const key = this.#key(name)
    let step = this.#steps.get(key)
    if (step === undefined) {
      step = { name: intern(name), isDropped: false, values: [], fallback: [] }
      this.#steps.set(key, step)
    }
    return step
  }

  /**
   * Applies the rules to a header list.
   *
   * @param headers name, value, name, value, …
   * @param own headers that are added after the rules, and take precedence
   * @returns a list of the same form, of the caller's own
   */
  apply(headers: readonly string[], own: HeaderValues): string[] {
    const sent: string[] = []
    let present: Set<Step> | undefined
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] ?? ''
      const step = this.#steps.get(this.#key(name.toLowerCase()))
      if (step?.isDropped === true) continue
      sent.push(name, headers[at + 1] ?? '')
      if (step !== undefined) (present ??= new Set()).add(step)
    }
    for (const step of this.#list) {
      const { name, values, fallback } = step
      if (own[name] !== undefined && name !== ADDED_BY_PLUGINS) continue
      for (const value of values) sent.push(name, value)
      if (values.length > 0 || fallback.length === 0 || present?.has(step) === true) continue
      for (const value of fallback) sent.push(name, value)
    }
    return sent
  }
}

/**
 * The same string as V8 stores property names (internalized): V8 caches the results of regular expressions for those,
 * and Node checks every header with two.
 */
function intern(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}
