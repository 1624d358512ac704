import { schemasAt } from '@reliw/options'
import * as z from 'zod'

export const PREFIX = 'RELIW_'
/** Separates the levels of a key, which contain single underscores. */
export const SEPARATOR = '__'

/** Keys of a config, as paths, by the variable that sets each. */
export type Variables = ReadonlyMap<string, readonly string[]>

/** The variable that sets a key: `RELIW_METRICS__PORT` for `metrics.port`. */
export function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((key) => key.toUpperCase()).join(SEPARATOR)
}

/**
 * Every key of a config that a variable sets, by the name of the variable. Lists and maps have one variable each, not
 * one for each member.
 */
export function variablesOf(schema: z.ZodType): Variables {
  const variables = new Map<string, readonly string[]>()
  addBelow([], schema, variables)
  return variables
}

function addBelow(
  path: readonly string[],
  schema: z.ZodType,
  variables: Map<string, readonly string[]>
): void {
  for (const key of new Set(schemasAt(schema, path).flatMap(keysOf))) {
    const below = [...path, key]
    variables.set(variableOf(below), below)
    addBelow(below, schema, variables)
  }
}

function keysOf(schema: z.core.$ZodType): string[] {
  return schema instanceof z.ZodObject
    ? Object.keys(schema.shape).filter((key) => !key.startsWith('$'))
    : []
}
