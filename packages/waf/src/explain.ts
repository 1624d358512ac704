import { ANY_HOST, type WafRules } from '@reliw/model'
import { CleanBudget } from './lua/clean-values.ts'
import { type Finding, LuaRules } from './lua/lua-rules.ts'
import { HttpRequestView } from './request-view.ts'
import type { Transaction } from './transaction.ts'

/** Steps for all rules together; that many take seconds. */
const PATIENCE = 100_000_000

export type { Finding } from './lua/lua-rules.ts'

/** A hypothetical request. */
export interface ImaginedRequest {
  readonly method: string
  /** The request target, such as `/x?y`. */
  readonly target: string
  /** Name, value, name, value, … */
  readonly headers: readonly string[]
}

/** All findings in a request, in the order of evaluation; the first that is not excluded decides. */
export function explain(
  host: string,
  { all, own }: { all: WafRules | undefined; own: WafRules | undefined },
  { method, target, headers: rawHeaders }: ImaginedRequest
): Finding[] {
  const view = new HttpRequestView({ method, url: target, rawHeaders: [...rawHeaders] })
  const clean = new CleanBudget()
  const sets = [
    ...(all === undefined ? [] : [new LuaRules(ANY_HOST, all, clean)]),
    ...(own === undefined ? [] : [new LuaRules(host, own, clean)])
  ]
  const exclusions = [...(all?.exclusions ?? []), ...(own?.exclusions ?? [])]
  const budget = { left: PATIENCE }
  const transaction: Transaction = { id: '', host, view, budget, exclusions, matches: [] }
  return sets.flatMap((set) => set.findAll(transaction))
}
