import type { WafFinding } from '@reliw/http'

/** A match of a rule. */
export interface Match {
  /** The name of the rule: unique, and stable until the rules change. */
  readonly rule: string
  /** Whether the rule is for all hosts, or for one. */
  readonly ruleSet: WafFinding['ruleSet']
  /** The rule's condition, in the language of its rule set. */
  readonly pattern: string
  /** The part of the request that matched: `query`, or `header:<name>`. */
  readonly where: string
  /** The byte string as received, neither truncated nor scrubbed: not for logs. */
  readonly value: string
  /** The form of the value that matched, if not the value as received: not for logs. */
  readonly readAs?: string
  /** How strongly the match indicates an attack; 100 is enough to act. */
  readonly score: number
}
