import * as z from 'zod'
import { nearestKey } from './nearest-key.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/**
 * Describes the validation issues of an input, one line for each: its path, then its message, as in `listen.port:
 * Invalid input: expected number, received string`. For an unknown key, the line suggests the nearest known key, if
 * there is a near one.
 *
 * @param schema the schema that produced the error; unknown keys are compared with its keys
 */
export function describeIssues(schema: z.core.$ZodType, error: z.core.$ZodError): string[] {
  return error.issues.flatMap((issue) => describeIssue(schema, issue, []))
}

function describeIssue(schema: z.core.$ZodType, issue: Issue, base: Path): string[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => line(path, describeUnknownKey(schema, path, key)))
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.map((inner) => line(path, inner.message))
  }
  const alternative = issue.code === 'invalid_union' ? intendedAlternative(issue.errors) : undefined
  if (alternative === undefined) return [line(path, issue.message)]
  return alternative.flatMap((inner) => describeIssue(schema, inner, path))
}

/** The issues of the only union alternative that has the type of the input: these are the relevant ones. */
function intendedAlternative(alternatives: readonly Issue[][]): readonly Issue[] | undefined {
  const sameType = alternatives.filter((issues) => !issues.some(isOtherType))
  return sameType.length === 1 ? sameType[0] : undefined
}

function isOtherType(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  )
}

function describeUnknownKey(schema: z.core.$ZodType, path: Path, key: string): string {
  const nearest = nearestKey(schema, path, key)
  const unknown = `Unknown key ${JSON.stringify(key)}`
  return nearest === undefined ? unknown : `${unknown}: did you mean ${JSON.stringify(nearest)}?`
}

function line(path: Path, message: string): string {
  return path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`
}
