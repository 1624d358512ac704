import { describeIssues } from '@reliw/options'
import type * as z from 'zod'
import { InvalidValue } from '../errors.ts'

/**
 * Decodes a JSON value of the store.
 *
 * security: errors never quote the value, which may hold secrets.
 *
 * @throws InvalidValue naming the key and every validation issue
 */
export function decodeJson<T extends z.ZodType>(key: string, schema: T, raw: Buffer): z.output<T> {
  let input: unknown
  try {
    input = JSON.parse(raw.toString())
  } catch (cause) {
    throw new InvalidValue(key, `not valid JSON${placeOf(cause as Error)}`)
  }
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw new InvalidValue(key, describeIssues(schema, result.error).join('; '))
}

function placeOf({ message }: Error): string {
  const place = /position \d+( \(line \d+ column \d+\))?/.exec(message)
  return place === null ? '' : ` at ${place[0]}`
}
