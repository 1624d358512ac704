import { findHostIssue, splitHost, type Store } from '@reliw/model'
import { claimsIn, findTaken, ownersOf } from './claims.ts'
import { ClientReferences, type GeoFiles } from './client-references.ts'
import { findIdle } from './conflicts.ts'
import { findGap, readAuth } from './find-gaps.ts'
import { issueOf } from './issue-of.ts'
import {
  emptyOutline,
  entryIn,
  errorPagesIn,
  findUnused,
  isPath,
  type Outline,
  routesIn,
  tableIn
} from './outline.ts'
import { findRedirectIssues } from './redirect-issues.ts'
import { otherType } from '../other-type.ts'
import { parseJson } from '../parse-json.ts'

/** Families of keys that servers write: counters and temporary state, not parts of a site. */
const WRITTEN_BY_SERVERS = new Set(['LIMITS', 'LOGINS', 'METRICS'])

/** Families of keys that do not name a host, or say nothing about its site. */
const NOT_OF_A_SITE = new Set(['other', 'WAF', 'BANS', 'SESSIONS', 'LIST', 'FETCHED'])

/** Validation issues of a store, and its unused and unreachable parts. */
export interface Findings {
  issues: string[]
  warnings: string[]
}

/**
 * Checks every key below the prefix. Memory use grows with the number of hosts and entries, not of files.
 *
 * @param geo of the config, which rules about countries need; undefined: not checked
 */
export async function checkStore(store: Store, geo?: GeoFiles): Promise<Findings> {
  const { driver, keys } = store
  const references = new ClientReferences(keys, geo)
  const issues: string[] = []
  const hosts = new Map<string, Outline>()
  for await (const batch of driver.keys(`${keys.prefix}:`)) {
    for (const key of batch) {
      if (WRITTEN_BY_SERVERS.has(keys.familyOf(key))) continue
      // RELIW stores no lists, sets or other types of Redis: they are reported as issues.
      const fields = await fieldsOf(driver, key).catch(otherType)
      const found =
        fields === undefined
          ? [`${key}: the type is neither string nor hash`]
          : await issuesIn(store, key, fields)
      issues.push(...found)
      references.note(key, fields?.[0]?.[1])
      const isOfRoutes = key.startsWith(keys.routes(''))
      if (fields !== undefined && (isOfRoutes || found.length === 0))
        note(store, hosts, key, fields)
    }
  }
  for (const outline of hosts.values()) {
    const needsLogin = [...outline.entries.values()].some(({ login }) => login === 'needed')
    if (needsLogin) outline.auth = await readAuth(store, outline.host)
  }
  issues.push(...findRedirectIssues(keys, hosts, true))
  issues.push(...findTaken(keys, hosts))
  const owners = ownersOf(hosts)
  const unused = [...hosts.values()].flatMap((outline) => [
    ...findUnused(keys, outline, (host) => owners.get(host))
  ])
  return {
    issues: [...issues, ...references.issues],
    warnings: [...unused, ...references.warnings]
  }
}

async function issuesIn(store: Store, key: string, fields: [string, Buffer][]): Promise<string[]> {
  const { keys } = store
  const found = fields.map(([field, value]) => issueOf(() => keys.check(key, value, field)))

  if (keys.familyOf(key) === 'FILES' && !fields.some(([field]) => field === 'content'))
    found.push(`${key}: the field "content" is missing`)
  // An entry's missing settings are reported for the entry alone.
  if (key.startsWith(keys.settings(''))) found.push(await findIdle(store, key, fields[0]?.[1]))
  if (key.startsWith(keys.routes(''))) found.push(await findGap(store, key, fields[0]?.[1]))
  return found.filter((issue) => issue !== undefined)
}

async function fieldsOf(driver: Store['driver'], key: string): Promise<[string, Buffer][]> {
  if ((await driver.type(key)) === 'hash') return Object.entries((await driver.hash(key)) ?? {})
  const value = await driver.get(key)
  return value === undefined ? [] : [['', value]]
}

/** Notes in the outline of a host what a key refers to. */
function note(
  { keys }: Store,
  hosts: Map<string, Outline>,
  key: string,
  fields: [string, Buffer][]
): void {
  const family = keys.familyOf(key)
  if (NOT_OF_A_SITE.has(family)) return
  const { host, name = '' } = splitHost(key.slice(`${keys.prefix}:${family}:`.length))
  if (findHostIssue(host) !== undefined || name.startsWith('.well-known/')) return
  let outline = hosts.get(host)
  if (outline === undefined) hosts.set(host, (outline = emptyOutline(host)))
  if (family === 'API') {
    const value = parseJson(fields[0]?.[1])
    if (name === '') {
      outline.routes = routesIn(value)
      outline.table = tableIn(value)
    } else outline.entries.set(name, entryIn(value))
    return
  }
  if (family === 'SITE') outline.errorPages = errorPagesIn(parseJson(fields[0]?.[1]))
  if (family === 'PROXY') outline.hasProxy = true
  if (family === 'SITE') outline.claims = claimsIn(parseJson(fields[0]?.[1]))
  if (family === 'FILES') return void (!isPath(name) && outline.files.push(name))
  if (family === 'TITLES')
    outline.titles.push(...fields.map(([field]) => field).filter((field) => !isPath(field)))
  else outline.others.push(key)
}
