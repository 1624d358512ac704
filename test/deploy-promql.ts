/** A metric in an expression. */
export interface Use {
  readonly metric: string
  /** Labels that it is chosen or added up by, which it has to have. */
  readonly labels: readonly string[]
  /** What is left of its labels in the result; undefined: all. */
  readonly left: readonly string[] | undefined
}

const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-z_:$][\w:]*|\d[\w.]*|[=!<>]=|[=!]~|\S/gi
const NAME = /^[a-z_:][\w:]*$/i
const UNKNOWN = new Set(['on', 'ignoring', 'without'])
const OPERATORS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan'])

/**
 * The metrics of an expression of PromQL. It knows as much of the language as our expressions need.
 *
 * @throws Error for what it does not know: `on`, `ignoring`, `without`
 */
export function metricsIn(expression: string): Use[] {
  const tokens: readonly string[] = expression.match(TOKEN) ?? []
  const uses: Use[] = []
  // For each open bracket, the labels that are left of what is in it.
  const open: (readonly string[] | undefined)[] = []
  let at = 0
  while (at < tokens.length) {
    const token = tokens[at++] ?? ''
    const next = tokens[at]
    if (token === '(') open.push(undefined)
    else if (token === ')') open.pop()
    else if (!NAME.test(token) || OPERATORS.has(token.toLowerCase())) continue
    else if (UNKNOWN.has(token)) throw new Error(`${token}: not known`)
    else if (next === '(') at = enter(undefined)
    else if (next === 'by') at = enter(listAt(++at, ')'))
    else {
      const chosen = next === '{' ? listAt(at, '}').filter((_, index) => index % 3 === 0) : []
      if (next === '{') at = tokens.indexOf('}', at) + 1
      const groups = open.filter((labels) => labels !== undefined)
      uses.push({ metric: token, labels: [...chosen, ...groups.flat()], left: groups[0] })
    }
  }
  return uses

  /** Goes into the bracket of a function or an aggregation. */
  function enter(labels: readonly string[] | undefined): number {
    open.push(labels)
    return (labels === undefined ? at : tokens.indexOf(')', at) + 1) + 1
  }

  /** What is in the brackets that begin there, commas left out. */
  function listAt(from: number, end: string): string[] {
    return tokens.slice(from + 1, tokens.indexOf(end, from)).filter((token) => token !== ',')
  }
}
