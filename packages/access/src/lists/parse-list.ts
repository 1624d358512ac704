import { setImmediate } from 'node:timers/promises'
import { MAX_FETCHED } from '@reliw/model'
import { parseCidr } from '@reliw/options'

/** Lines that are parsed in one turn of the event loop. */
const SLICE = 1000
/** Deepest nesting of a JSON document that is searched for addresses. */
const MAX_DEPTH = 6

/**
 * The addresses and blocks of a fetched document, in their canonical spelling, each once.
 *
 * A text has one in each line; `#` and `;` begin comments. A JSON document is a list of addresses, or an object in whose
 * fields addresses are searched for.
 *
 * @param field only this field of a JSON object
 * @throws Error if there is none, if there are too many, or if a line is anything else
 */
export async function parseList(text: string, field?: string): Promise<string[]> {
  const trimmed = text.trimStart()
  const isJson = field !== undefined || trimmed.startsWith('{') || trimmed.startsWith('[')
  const found = isJson ? addressesIn(parseJson(text), field) : linesOf(text)
  const blocks = new Set<string>()
  let count = 0
  for (const { value, place } of found) {
    if (++count % SLICE === 0) await setImmediate()
    const block = parseCidr(value)
    if (block === undefined) throw new Error(`${place} is not an IP address or CIDR block`)
    // security: a list that is taken over could otherwise admit, or refuse, everybody.
    if (block.prefix === 0) throw new Error(`${place} stands for all addresses`)
    const isSingle = block.prefix === (block.family === 4 ? 32 : 128)
    blocks.add(isSingle ? block.address : `${block.address}/${block.prefix}`)
    if (blocks.size > MAX_FETCHED) throw new Error(`there are more than ${MAX_FETCHED} addresses`)
  }
  if (blocks.size === 0) throw new Error('there are no addresses')
  return [...blocks]
}

interface Candidate {
  value: string
  /** Where it stands, for messages. security: the document is not quoted. */
  place: string
}

function* linesOf(text: string): Iterable<Candidate> {
  let number = 0
  for (const [line] of text.matchAll(/[^\r\n]*(?:\r\n?|\n|$)/g)) {
    number++
    const value = line.replace(/[#;].*/s, '').trim()
    if (value !== '') yield { value, place: `line ${number}` }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the document is not JSON')
  }
}

function addressesIn(document: unknown, field: string | undefined): Iterable<Candidate> {
  if (field === undefined) return Array.isArray(document) ? itemsOf(document) : search(document, 0)
  if (!(document instanceof Object) || !Object.hasOwn(document, field))
    throw new Error(`the document has no field "${field}"`)
  const value = (document as Record<string, unknown>)[field]
  return isStrings(value) ? itemsOf(value) : search(value, 0)
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** A list that has nothing but addresses. */
function* itemsOf(list: readonly unknown[]): Iterable<Candidate> {
  if (!isStrings(list)) yield* search(list, 0)
  else for (const [at, value] of list.entries()) yield { value, place: `item ${at + 1}` }
}

/** All strings of a document that are addresses or blocks. */
function* search(value: unknown, depth: number): Iterable<Candidate> {
  if (typeof value === 'string') {
    if (parseCidr(value) !== undefined) yield { value, place: 'a value' }
  } else if (value instanceof Object && depth < MAX_DEPTH) {
    for (const inner of Object.values(value)) yield* search(inner, depth + 1)
  }
}
