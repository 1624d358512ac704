import { closest, distance } from 'fastest-levenshtein'
import * as z from 'zod'

type Schema = z.core.$ZodType

/** Maximum length of a key, in characters: a longer one is hardly a typing error, and comparing it would take long. */
const MAX_KEY_LENGTH = 64

/** The known key nearest to an unknown one, at this path in a schema; undefined when none is near. */
export function nearestKey(
  schema: Schema,
  path: readonly PropertyKey[],
  key: string
): string | undefined {
  let schemas = expand(schema)
  for (const step of path) schemas = schemas.flatMap((at) => descend(at, step)).flatMap(expand)
  return nearest(key, [...new Set(schemas.flatMap(keysOf))])
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

/** The schemas that an input may have to match: the schema itself, or those inside its wrappers and alternatives. */
function expand(schema: Schema): Schema[] {
  if (isWrapper(schema)) return expand(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return [...expand(schema.in), ...expand(schema.out)]
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(expand)
  if (schema instanceof z.ZodIntersection) {
    return [...expand(schema.def.left), ...expand(schema.def.right)]
  }
  return schema instanceof z.ZodLazy ? expand(schema.unwrap()) : [schema]
}

function isWrapper(schema: Schema) {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodCatch ||
    schema instanceof z.ZodReadonly
  )
}

function descend(schema: Schema, step: PropertyKey): Schema[] {
  if (schema instanceof z.ZodArray) return [schema.element]
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  const child = childOf(schema, step)
  return child ? [child] : []
}

function childOf(schema: Schema, step: PropertyKey): Schema | null | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)]
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(step)] ?? schema.def.rest
  return undefined
}

function keysOf(schema: Schema): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}
