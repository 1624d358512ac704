import { closest, distance } from 'fastest-levenshtein'
import * as z from 'zod'
import { schemasAt } from './schemas-at.ts'

type Schema = z.core.$ZodType

/** Maximum length of a key, in characters: a longer one is hardly a typing error, and comparing it would take long. */
const MAX_KEY_LENGTH = 64

/** The known key nearest to an unknown one, at this path in a schema; undefined when none is near. */
export function nearestKey(
  schema: Schema,
  path: readonly PropertyKey[],
  key: string
): string | undefined {
  return nearest(key, [...new Set(schemasAt(schema, path).flatMap(keysOf))])
}

/** The candidate nearest to a mistyped word; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || word.length > MAX_KEY_LENGTH) return undefined
  const lower = candidates.map((one) => one.toLowerCase())
  const found = closest(word.toLowerCase(), lower)
  return isNear(word.toLowerCase(), found) ? candidates[lower.indexOf(found)] : undefined
}

/** Whether at most a third of the letters differ, or the letters are the same in another order. */
function isNear(key: string, known: string): boolean {
  return distance(key, known) <= Math.max(1, key.length / 3) || letters(key) === letters(known)
}

function letters(key: string): string {
  return Array.from(key).toSorted().join('')
}

function keysOf(schema: Schema): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}
