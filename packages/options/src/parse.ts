import createError from '@fastify/error'
import type * as z from 'zod'
import { describeIssues } from './describe-issues.ts'

/** Thrown only while the server starts. The message lists all validation issues. */
export const InvalidOptions = createError('RELIW_INVALID_OPTIONS', 'Invalid options for %s:\n%s')

/**
 * Validates options and returns the parsed output: defaults filled in, units converted. Throws {@link InvalidOptions}
 * with one line for each validation issue.
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
