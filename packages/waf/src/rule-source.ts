import {
  ANY_HOST,
  type Live,
  type Store,
  type WafAction,
  type WafExclusion,
  type WafMode,
  type WafRules,
  weakMemoize
} from '@reliw/model'
import { CleanBudget } from './lua/clean-values.ts'
import { LuaRules } from './lua/lua-rules.ts'
import type { RuleSet } from './rule-set.ts'
import { firstMatch, type VerdictPolicy } from './verdict-policy.ts'

/** The rules that apply to a host. */
export interface HostRules {
  readonly sets: readonly RuleSet[]
  readonly policy: VerdictPolicy
  readonly mode: WafMode
  readonly action: WafAction
  readonly exclusions: readonly WafExclusion[]
  /** The header in which a trusted proxy names the client, if the rules set one. */
  readonly ipHeader: string | undefined
}

interface Defaults {
  readonly mode: WafMode
  readonly action: WafAction
}

/** The rules of each host, compiled once per change. */
export class RuleSource {
  readonly #store: Store | undefined
  readonly #rules: WafRules | undefined
  readonly #defaults: Defaults
  readonly #clean = new CleanBudget()
  readonly #compile = weakMemoize(
    (rules: WafRules, owner: string) => new LuaRules(owner, rules, this.#clean)
  )
  /** The rules of a host, by the rules for all hosts and then by its own. Hosts without any share `NONE`. */
  readonly #mergeWith = weakMemoize((all: WafRules) =>
    weakMemoize((own: WafRules, host: string) => this.#make(host, all, own))
  )

  constructor(store: Store | undefined, rules: WafRules | undefined, defaults: Defaults) {
    this.#store = store
    this.#rules = rules
    this.#defaults = defaults
  }

  /**
   * The rules that apply to a host. Throws or rejects if the store does.
   *
   * @param host '' if unknown: only the rules for all hosts apply
   */
  rulesOf(host: string): Live<HostRules> {
    if (this.#store === undefined) return this.#merge(host, this.#rules, undefined)
    const { sites } = this.#store
    const all = sites.wafRules(ANY_HOST)
    // One after the other: if two reads failed at once, the second rejection would be unhandled.
    if (all instanceof Promise) return all.then((found) => this.#withOwn(host, found))
    return this.#withOwn(host, all)
  }

  #withOwn(host: string, all: WafRules | undefined): Live<HostRules> {
    const isHost = host !== '' && host !== ANY_HOST
    const own = isHost ? this.#store?.sites.wafRules(host) : undefined
    if (own instanceof Promise) return own.then((found) => this.#merge(host, all, found))
    return this.#merge(host, all, own)
  }

  #merge(host: string, all: WafRules = NONE, own: WafRules = NONE): HostRules {
    return this.#mergeWith(all)(own, host)
  }

  #make(host: string, all: WafRules, own: WafRules): HostRules {
    const sets: RuleSet[] = []
    if (!isEmpty(all)) sets.push(this.#compile(all, ANY_HOST))
    if (!isEmpty(own)) sets.push(this.#compile(own, host))
    return {
      sets,
      policy: firstMatch,
      mode: own.mode ?? all.mode ?? this.#defaults.mode,
      action: own.action ?? all.action ?? this.#defaults.action,
      exclusions: [...all.exclusions, ...own.exclusions],
      ipHeader: own.ip_header ?? all.ip_header
    }
  }
}

const NONE: WafRules = { query: [], headers: {}, exclusions: [] }

function isEmpty({ query, headers }: WafRules): boolean {
  return query.length === 0 && Object.keys(headers).length === 0
}
