import { isWildcard } from '@reliw/options'
import * as z from 'zod'
import { findAliasIssue } from '../key-names.ts'

/** Largest number of names in one list. */
const MAX_NAMES = 1000

/** A further name of a site, in the form in which hosts are looked up: a host, `*.example.org`, or `*`. */
const Alias = z.string().check(({ value, issues }) => {
  const issue = findAliasIssue(value)
  if (issue === undefined) return
  const meant = issue.meant === undefined ? '' : `: did you mean "${issue.meant}"?`
  issues.push({ code: 'custom', message: issue.why + meant, input: value })
})

/** Further names of a site, each listed once. */
export const Aliases = z
  .array(Alias)
  .max(MAX_NAMES)
  .check(({ value, issues }) => {
    const twin = value.find((name, at) => value.indexOf(name) !== at)
    if (twin !== undefined)
      issues.push({ code: 'custom', message: `"${twin}" is listed twice`, input: value })
  })

/** The further names of a site. */
export interface Names {
  readonly aliases: readonly string[]
  readonly redirect_aliases: readonly string[]
}

/** Names in either list that have no effect, each with the reason, as `aliases[0]: no effect: …`. */
export function idleAliases(site: string, { aliases, redirect_aliases }: Names): string[] {
  const issues: string[] = []
  for (const [at, name] of aliases.entries()) {
    if (name === site) issues.push(`aliases[${at}]: no effect: it is the site's own name`)
  }
  for (const [at, name] of redirect_aliases.entries()) {
    const field = `redirect_aliases[${at}]`
    if (name === site) issues.push(`${field}: no effect: it is the site's own name`)
    else if (aliases.includes(name))
      issues.push(`${field}: no effect beside aliases, where "${name}" is listed as well`)
    else if (isWildcard(site) && !isWildcard(name))
      issues.push(
        `${field}: no effect: "${site}" names no single host to redirect to; name a wildcard, such as "*.example.net"`
      )
  }
  return issues
}
