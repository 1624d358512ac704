import { ask } from '../../harness/target.ts'
import { BROWSER, FILE, HOST } from './browser.ts'
import { byPlace, type Rule } from './rules.ts'

/**
 * Sees to it that all rules are in force: in each place, what the last one finds is refused.
 * Of rules for the query, the last whose example has no space: nginx looks at what is not decoded.
 *
 * @param isInForce false where there must be no rules, and all of it must be answered
 * @throws Error when it is otherwise
 */
export async function prove(
  port: number,
  rules: readonly Rule[],
  isInForce: boolean
): Promise<void> {
  const wanted = isInForce ? 403 : 200
  for (const [where, all] of byPlace(rules)) {
    const last = all.findLast(({ example }) => !example.includes(' '))
    if (last === undefined) continue
    const { status } = await ask({ port, host: HOST, ...attack(last) })
    if (status !== wanted) throw new Error(`${where} ${last.pattern}: ${status}, not ${wanted}`)
  }
}

/** A request that is like all others, but for what the rule finds. */
function attack({ where, example }: Rule): { path: string; headers: Record<string, string> } {
  const headers = { ...BROWSER }
  if (where !== 'query') return { path: FILE, headers: { ...headers, [where]: example } }
  return { path: `${FILE}?q=${example.replaceAll(' ', '%20')}`, headers }
}
