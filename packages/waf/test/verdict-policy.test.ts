import t from 'tap'
import { evaluate } from '../src/evaluate.ts'
import type { HostRules } from '../src/rule-source.ts'
import { OverBudget, type RuleSet } from '../src/rule-set.ts'
import { firstMatch, type VerdictPolicy } from '../src/verdict-policy.ts'

/** A policy of another kind: matches decide together, once all rules have been evaluated. */
const threshold: VerdictPolicy = {
  isFinal: () => false,
  decide: (matches) =>
    matches.reduce((sum, { score }) => sum + score, 0) < 100 ? undefined : matches.at(-1)
}

/** Rules of another language, which all match, and of which the last may exhaust the budget. */
function ruleSet(owner: 'all' | 'host', scores: number[], isOver = false): RuleSet {
  const ruleOf = (n: number) => ({ rule: `${owner}/${n}`, ruleSet: owner, where: 'query' })
  return {
    isClean: () => false,
    evaluate(transaction) {
      for (const [n, score] of scores.entries()) {
        const match = { ...ruleOf(n), pattern: '', value: transaction.view.target, score }
        if (transaction.add(match, score === 0)) return true
      }
      if (isOver) throw new OverBudget(ruleOf(scores.length))
      return false
    }
  }
}

function verdictOf(policy: VerdictPolicy, sets: RuleSet[], mode: 'block' | 'detect' = 'block') {
  const action = { status: 403 }
  const rules: HostRules = { sets, policy, mode, action, exclusions: [], ipHeader: undefined }
  const raw = { method: 'GET', url: '/x', rawHeaders: [] }
  return evaluate(raw, rules, mode, { budget: 1000, on_budget: 'pass' })?.verdict
}

t.test('the first match that is not excluded decides, and ends the evaluation', async (t) => {
  const sets = [ruleSet('all', [0, 100, 100]), ruleSet('host', [100], true)]
  const verdict = { rule: 'all/1', ruleSet: 'all', score: 100, matches: { length: 1 } }
  t.match(verdictOf(firstMatch, sets), { action: 'block', ...verdict })
  t.match(verdictOf(firstMatch, sets, 'detect'), { action: 'detect', ...verdict })
})

t.test('a policy can decide by the score of all matches, in sets of any owner', async (t) => {
  t.equal(verdictOf(threshold, [ruleSet('all', [30]), ruleSet('host', [60])]), undefined)
  const verdict = { rule: 'host/1', ruleSet: 'host', score: 110, matches: { length: 3 } }
  const sets = [ruleSet('all', [30]), ruleSet('host', [60, 20])]
  t.match(verdictOf(threshold, sets), { action: 'block', isOverBudget: false, ...verdict })
})

t.test('a request that its score blocks cannot pass by exhausting the budget', async (t) => {
  const [low, high] = [ruleSet('all', [90], true), ruleSet('all', [90, 10], true)]
  t.match(verdictOf(threshold, [low]), { action: 'pass', rule: 'all/1', isOverBudget: true })
  t.match(verdictOf(threshold, [high]), { action: 'block', rule: 'all/1', isOverBudget: false })
})
