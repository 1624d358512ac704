import { type Family, families } from './rule-words.ts'

/** A rule, and what it finds. */
export interface Rule {
  where: Family['where']
  /** A Lua pattern. */
  pattern: string
  example: string
}

/**
 * So many different rules: of three, two are for the query and one is for a header, and all kinds take turns.
 *
 * @throws Error when there are not so many
 */
export function rulesOf(count: number): Rule[] {
  const query = takingTurns((where) => where === 'query')
  const headers = takingTurns((where) => where !== 'query')
  const few = Math.floor(count / 3)
  const rules = [...query.slice(0, count - few), ...headers.slice(0, few)]
  const different = new Set(rules.map(({ where, pattern }) => `${where} ${pattern}`))
  if (different.size !== count) throw new Error(`${different.size} rules are there, not ${count}`)
  return rules
}

/** Rules by where they look. */
export function byPlace(rules: readonly Rule[]): Map<Rule['where'], Rule[]> {
  return Map.groupBy(rules, ({ where }) => where)
}

/** The first of each kind, the second of each, … */
function takingTurns(isWanted: (where: Rule['where']) => boolean): Rule[] {
  const wanted = families.filter(({ where }) => isWanted(where))
  const most = Math.max(...wanted.map(({ words }) => words.length))
  return Array.from({ length: most }, (_, at) =>
    wanted.flatMap(({ where, words, patternOf, exampleOf }) => {
      const word = words[at]
      if (word === undefined) return []
      return [{ where, pattern: patternOf(word), example: exampleOf(word) }]
    })
  ).flat()
}
