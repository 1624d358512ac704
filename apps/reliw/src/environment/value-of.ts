import { fieldsAt, schemasAt } from '@reliw/options'
import * as z from 'zod'

const JSON_VALUE = /^\s*[[{"]/
const NUMBER = /^-?\d+(?:\.\d+)?$/

/**
 * The value that a variable's text stands for: JSON if it begins with `[`, `{` or `"`; else the text itself, or, for a
 * key that does not take this text, the number, boolean or comma-separated list that the text is. A text that the key
 * does not take in any of these readings is left for the validation of the whole config. Returns an issue if the text
 * is not valid JSON.
 */
export function valueOf(
  text: string,
  schema: z.ZodType,
  path: readonly string[]
): { value: unknown } | string {
  if (JSON_VALUE.test(text)) return parseJson(text)
  const fields = fieldsAt(schema, path)
  const isTaken = (value: unknown): boolean =>
    fields.some((field) => z.safeParse(field, value).success)
  const readings = [text, scalarOf(text), listOf(text)]
  const value = readings.find(isTaken)
  if (value !== undefined) return { value }
  return { value: takesList(schema, path) ? listOf(text) : scalarOf(text) }
}

/** Whether a key takes a list or a map, whose members have no variables. */
export function isCollection(schema: z.ZodType, path: readonly string[]): boolean {
  return schemasAt(schema, path).some(
    (each) => each instanceof z.ZodArray || each instanceof z.ZodRecord
  )
}

function takesList(schema: z.ZodType, path: readonly string[]): boolean {
  return schemasAt(schema, path).some((each) => each instanceof z.ZodArray)
}

/** security: the message of JSON.parse contains the text, which may be a password. */
function parseJson(text: string): { value: unknown } | string {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return 'invalid JSON, which a value that begins with [, { or " has to be'
  }
}

function scalarOf(text: string): unknown {
  if (NUMBER.test(text)) return Number(text)
  return text === 'true' || text === 'false' ? text === 'true' : text
}

function listOf(text: string): unknown[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
