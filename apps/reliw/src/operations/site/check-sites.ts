import type { Operation, Store } from '@reliw/model'
import { InvalidInput } from '../errors.ts'
import { authOfSite, describeGap } from './auth-gaps.ts'
import { describeConflict } from './conflicts.ts'
import { issueOf } from './issue-of.ts'
import { operationsOf } from './operations-of-site.ts'
import { findUnused, outlineOfSite } from './outline.ts'
import { findRedirectIssues } from './redirect-issues.ts'
import type { Site } from './site-document.ts'

/** A valid site. */
export interface CheckedSite {
  readonly site: Site
  /** The operations that store the site. */
  readonly operations: readonly Operation[]
  /** Unused and unreachable parts of the site, as `key: issue`. */
  readonly warnings: readonly string[]
}

/**
 * Checks sites before any of them is written.
 *
 * @throws InvalidInput with all validation issues of all sites, as `key: issue`
 */
export function checkSites({ keys }: Store, sites: readonly Site[]): CheckedSite[] {
  const planned = sites.map((site) => ({ site, operations: operationsOf(keys, site) }))
  const outlines = new Map(sites.map((site) => [site.host, outlineOfSite(keys, site)]))
  const issues = [
    ...findTwins(sites),
    ...planned.flatMap((plan) => findIssues(keys, plan)),
    ...findRedirectIssues(keys, outlines, false)
  ]
  if (issues.length > 0) throw new InvalidInput(issues)
  return planned.map((plan) => ({
    ...plan,
    warnings: [...findUnused(keys, outlineOfSite(keys, plan.site))]
  }))
}

/** Reports hosts with two documents: the store can hold only one of them. */
function findTwins(sites: readonly Site[]): string[] {
  const hosts = sites.map(({ host }) => host)
  const twins = new Set(hosts.filter((host, at) => hosts.indexOf(host) !== at))
  return [...twins].map((host) => `${host}: more than one document describes this host`)
}

/** All validation issues of a site, as `key: issue`. */
function findIssues(
  keys: Store['keys'],
  { site, operations }: Omit<CheckedSite, 'warnings'>
): string[] {
  const issues: string[] = []
  for (const operation of operations) {
    for (const [field, value] of valuesOf(operation)) {
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      const issue = issueOf(() => keys.check(operation.key, bytes, field))
      if (issue !== undefined) issues.push(issue)
    }
  }
  if (site.proxy !== undefined) {
    const conflict = describeConflict(keys.settings(site.host), site.settings)
    if (conflict !== undefined) issues.push(conflict)
  }
  issues.push(...findGaps(keys, site))
  for (const file of Object.keys(site.types)) {
    if (Object.hasOwn(site.files, file)) continue
    issues.push(`${keys.file(site.host, file)}: types: there is no such file`)
  }
  for (const route of site.routes ?? []) {
    const id = Array.isArray(route) ? String(route[1]) : ''
    if (id !== '' && !Object.hasOwn(site.entries, id)) {
      issues.push(`${keys.routes(site.host)}: a route leads to entry "${id}", which does not exist`)
    }
  }
  return issues
}

/** Messages for `auth` rules that need something that the site does not have. */
function findGaps(keys: Store['keys'], site: Site): string[] {
  const auth = authOfSite(keys, site)
  const found = Object.entries(site.entries).map(([id, entry]) =>
    describeGap(keys, id, entry, auth)
  )
  return found.filter((gap) => gap !== undefined)
}

function* valuesOf(operation: Operation): Iterable<[string, string | Buffer]> {
  if (operation.op === 'set') yield ['', operation.value]
  if (operation.op === 'hset') yield* Object.entries(operation.fields)
}
