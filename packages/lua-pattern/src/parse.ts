import { NO_BYTE } from './character-class.ts'
import { type Capture, createCapture, createItem, type Item } from './item.ts'
import { malformed, parseSet, parseSingle } from './parse-single.ts'

/** Maximum number of captures in a pattern: LUA_MAXCAPTURES of Lua 5.1. */
export const MAX_CAPTURES = 32

/** A parsed pattern. */
export interface ParsedPattern {
  /** Whether the pattern begins with `^`. */
  readonly anchored: boolean
  /** The items in order; the last one is `accept`. Not linked yet. */
  readonly items: Item[]
  /** The captures in the order of their `(`. */
  readonly captures: Capture[]
}

interface Parser {
  readonly pattern: string
  readonly items: Item[]
  readonly captures: Capture[]
  /** The captures whose `)` has not been reached, with the offsets of their `(`. */
  readonly open: { readonly capture: Capture; readonly at: number }[]
  at: number
}

/** Parses a pattern, given as a byte string; throws a `LuaPatternError` when it is malformed. */
export function parsePattern(pattern: string): ParsedPattern {
  // oxlint-disable-next-line no-control-regex
  const foreign = pattern.search(/[^\x00-\xff]/)
  if (foreign >= 0) malformed('not a byte string', pattern, foreign)

  const anchored = pattern.startsWith('^')
  const parser: Parser = { pattern, items: [], captures: [], open: [], at: anchored ? 1 : 0 }
  while (parser.at < pattern.length) parser.items.push(parseItem(parser))

  const unfinished = parser.open.at(-1)
  if (unfinished !== undefined) malformed('unfinished capture', pattern, unfinished.at)
  parser.items.push(createItem('accept'))
  return { anchored, items: parser.items, captures: parser.captures }
}

function parseItem(parser: Parser): Item {
  const { pattern, at } = parser
  const byte = pattern.charAt(at)
  const next = pattern.charAt(at + 1)
  if (byte === '(') return parseOpen(parser, next === ')')
  if (byte === ')') return parseClose(parser)
  if (byte === '%' && next === 'b') return parseBalance(parser)
  if (byte === '%' && next === 'f') return parseFrontier(parser)
  if (byte === '%' && next >= '0' && next <= '9') return parseReference(parser, Number(next) - 1)
  if (byte === '$' && next === '') {
    parser.at++
    return createItem('finish')
  }
  return parseRepetition(parser)
}

function parseOpen(parser: Parser, isPosition: boolean): Item {
  const { pattern, captures, open, at } = parser
  if (captures.length === MAX_CAPTURES) malformed('too many captures', pattern, at)
  const capture = createCapture(isPosition)
  captures.push(capture)
  if (!isPosition) open.push({ capture, at })
  parser.at += isPosition ? 2 : 1
  return createItem(isPosition ? 'position' : 'open', { capture })
}

function parseClose(parser: Parser): Item {
  const opened = parser.open.pop()
  if (opened === undefined) malformed('invalid pattern capture', parser.pattern, parser.at)
  parser.at++
  return createItem('close', { capture: opened.capture })
}

function parseReference(parser: Parser, index: number): Item {
  const capture = parser.captures[index]
  const isOpen = parser.open.some((opened) => opened.capture === capture)
  if (capture === undefined || isOpen) {
    malformed('invalid capture index', parser.pattern, parser.at)
  }
  parser.at += 2
  // In C Lua, a position capture has a length that no subject reaches: a reference to it never matches.
  if (capture.isPosition) return createItem('one', { set: NO_BYTE })
  return createItem('reference', { capture })
}

function parseBalance(parser: Parser): Item {
  const { pattern, at } = parser
  if (at + 3 >= pattern.length) malformed('unbalanced pattern', pattern, at)
  parser.at += 4
  return createItem('balance', {
    opening: pattern.charCodeAt(at + 2),
    closing: pattern.charCodeAt(at + 3)
  })
}

function parseFrontier(parser: Parser): Item {
  const { pattern, at } = parser
  if (pattern.charAt(at + 2) !== '[') malformed("missing '[' after '%f'", pattern, at)
  const { set, end } = parseSet(pattern, at + 2)
  parser.at = end
  return createItem('frontier', { set })
}

function parseRepetition(parser: Parser): Item {
  const { set, literal, end } = parseSingle(parser.pattern, parser.at)
  parser.at = end + 1
  switch (parser.pattern.charAt(end)) {
    case '*':
      return createItem('greedy', { set, most: Infinity })
    case '+':
      return createItem('greedy', { set, least: 1, most: Infinity })
    case '?':
      return createItem('greedy', { set, most: 1 })
    case '-':
      return createItem('lazy', { set })
    default:
      parser.at = end
      return createItem('one', { set, literal })
  }
}
