import { Settings, type Store } from '@reliw/model'
import { parseJson } from '../parse-json.ts'
import type { Outline } from './outline.ts'

/** A name that the settings of a site claim, and the field that names it, such as `aliases[0]`. */
export interface Claim {
  readonly name: string
  readonly field: string
}

/** The names that settings claim; none for invalid settings. */
export function claimsIn(settings: unknown): Claim[] {
  const { data } = Settings.safeParse(settings ?? {})
  if (data === undefined) return []
  const { aliases, redirect_aliases: redirected } = data
  return [
    ...aliases.map((name, at) => ({ name, field: `aliases[${at}]` })),
    ...redirected.map((name, at) => ({ name, field: `redirect_aliases[${at}]` }))
  ]
}

/** The site that has each claimed name: the first by name. */
export function ownersOf(sites: ReadonlyMap<string, Pick<Outline, 'claims'>>): Map<string, string> {
  const owners = new Map<string, string>()
  for (const [site, { claims }] of sites) {
    for (const { name } of claims) {
      const first = owners.get(name)
      if (first === undefined || site < first) owners.set(name, site)
    }
  }
  return owners
}

/** Claims without effect: of names that are sites of their own, or that a site which comes first by name claims too. */
export function findTaken(
  keys: Store['keys'],
  sites: ReadonlyMap<string, Pick<Outline, 'claims' | 'hasProxy' | 'routes'>>
): string[] {
  const owners = ownersOf(sites)
  const issues: string[] = []
  for (const [site, { claims }] of sites) {
    for (const { name, field } of claims) {
      const own = sites.get(name)
      const isOwn = own !== undefined && (own.hasProxy || own.routes !== undefined)
      const first = owners.get(name)
      if (isOwn || (own?.claims.length ?? 0) > 0) {
        issues.push(`${keys.settings(site)}: ${field}: ${ownSite(name)}`)
      } else if (first !== undefined && first !== site) {
        const why = `no effect: "${name}" is listed in ${keys.settings(first)}, which comes first by name`
        issues.push(`${keys.settings(site)}: ${field}: ${why}`)
      }
    }
  }
  return issues
}

/**
 * A message for settings that are to be stored and claim a name that is taken: by a site of its own, or by the settings
 * of another site.
 */
export async function findTakenBy(
  { driver, keys }: Pick<Store, 'driver' | 'keys'>,
  key: string,
  value: Buffer | undefined
): Promise<string | undefined> {
  const claims = claimsIn(parseJson(value))
  if (claims.length === 0) return undefined
  for (const { name, field } of claims) {
    const types = [await driver.type(keys.routes(name)), await driver.type(keys.proxy(name))]
    if (types.some((type) => type !== undefined)) return `${key}: ${field}: ${ownSite(name)}`
  }
  for await (const batch of driver.keys(keys.settings(''), 1000)) {
    for (const other of batch) {
      if (other === key || (await driver.type(other)) !== 'string') continue
      const theirs = claimsIn(parseJson(await driver.get(other))).map(({ name }) => name)
      const taken = claims.find(({ name }) => theirs.includes(name))
      if (taken !== undefined)
        return `${key}: ${taken.field}: "${taken.name}" is listed in ${other}: remove it there first`
    }
  }
  return undefined
}

function ownSite(name: string): string {
  return `no effect: "${name}" is a site of its own, which has routes, an upstream or aliases`
}
