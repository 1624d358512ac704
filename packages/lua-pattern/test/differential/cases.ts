import { compilePattern, LuaPatternError } from '../../src/index.ts'
import { generatePattern, generateReplacement, generateSubject, type Random } from './generate.ts'

/** A question for C Lua, and how our answer to it reads. */
export interface Case {
  /** What is asked, to be read by a person. */
  readonly title: string
  /** The line for `answer.lua`. */
  readonly question: string
  /** Our answer, written as C Lua writes its own; or why we refuse the pattern. */
  readonly answer: string | LuaPatternError
}

// No generated case comes near it: a budget error in here is a fault.
const OPTIONS = { stepLimit: 1e9 }

/** A case of `string.find` and `string.match`. */
export function createMatchCase(random: Random): Case {
  const pattern = generatePattern(random)
  const subject = generateSubject(random)
  const init = random.chance(0.7) ? 0 : random.below(20)
  const title = `match ${JSON.stringify({ pattern, subject, init })}`
  const question = ['match', hex(pattern), hex(subject), String(init + 1), ''].join('\t')
  return { title, question, answer: answerOr(() => answerMatch(pattern, subject, init)) }
}

/** A case of `string.gsub`. */
export function createGsubCase(random: Random): Case {
  const pattern = generatePattern(random)
  const subject = generateSubject(random)
  const replacement = generateReplacement(random)
  const limit = random.chance(0.7) ? undefined : random.below(5) - 1
  const title = `gsub ${JSON.stringify({ pattern, subject, replacement, limit })}`
  const fields = ['gsub', hex(pattern), hex(subject), hex(replacement), String(limit ?? 100)]
  const answer = answerOr(() => {
    const { result, count } = compilePattern(pattern, OPTIONS).gsub(subject, replacement, limit)
    return show([result, count])
  })
  return { title, question: fields.join('\t'), answer }
}

/**
 * Asks C Lua whether a pattern that we refuse is malformed, with all before the fault left out
 * that could keep a match from getting there: of that, only captures remain.
 */
export function askWhetherMalformed({ pattern, position, fault }: LuaPatternError): string {
  const isUnfinished = fault === 'unfinished capture'
  const before = isUnfinished ? pattern : pattern.slice(0, position)
  const parentheses = before.replace(NOT_A_PARENTHESIS, '')
  const rest = isUnfinished ? '' : pattern.slice(position)
  return ['match', hex(parentheses + rest), '', '1', ''].join('\t')
}

const SET = String.raw`\[\^?(?:%[^]|[^%])(?:%[^]|[^%\]])*\]`
const NOT_A_PARENTHESIS = new RegExp(`%b[^]{2}|%f${SET}|${SET}|%[^]|[^()]`, 'g')

function answerMatch(pattern: string, subject: string, init: number): string {
  const compiled = compilePattern(pattern, OPTIONS)
  const match = compiled.match(subject, init)
  if (init === 0 && compiled.test(subject) !== (match !== undefined)) return 'test disagrees'
  if (match === undefined) return 'nil nil'
  const captures = show(match.captures)
  const found = `${match.start + 1},${match.end}`
  // Where there are no captures, string.find returns none and string.match the whole match.
  return `${found}${hasCaptures(pattern) ? `,${captures}` : ''} ${captures}`
}

function hasCaptures(pattern: string): boolean {
  return pattern.replace(NOT_A_PARENTHESIS, '').includes('(')
}

function answerOr(answer: () => string): string | LuaPatternError {
  try {
    return answer()
  } catch (error) {
    if (!(error instanceof LuaPatternError)) throw error
    return error.code === 'RELIW_LUA_PATTERN_MALFORMED' ? error : 'error'
  }
}

function show(values: (string | number)[]): string {
  return values.map((value) => (typeof value === 'string' ? `s${hex(value)}` : value)).join(',')
}

function hex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex')
}
