import createError from '@fastify/error'
import type * as z from 'zod'
import { describeIssues } from './describe-issues.ts'

/** Thrown while the server starts, never while it serves. Its message lists every mistake. */
export const InvalidOptions = createError('RELIW_INVALID_OPTIONS', 'Invalid options for %s:\n%s')

/**
 * Checks what the user wrote and returns what the plugin runs on: defaults filled, units converted.
 * Throws {@link InvalidOptions}, one line for each mistake.
 */
export function parseOptions<T extends z.ZodType>(
  owner: string,
  schema: T,
  input: unknown
): z.output<T> {
  const result = schema.safeParse(input)
  if (!result.success) {
    throw new InvalidOptions(owner, describeIssues(schema, result.error).join('\n'))
  }
  return result.data
}
