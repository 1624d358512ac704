import { type ClientRules, Entry, Settings, splitHost, type Store } from '@reliw/model'
import { parseJson } from '../parse-json.ts'
import type { Site } from './site-document.ts'

/** Which databases a config names: `geo`. */
export interface GeoFiles {
  readonly country?: string | undefined
  readonly asn?: string | undefined
}

type Stored = Pick<Store, 'driver' | 'keys'>

/** Names of the lists that rules about clients refer to. */
export function listsIn(rules: ClientRules | undefined): string[] {
  return fieldsOf(rules).flatMap(([, { lists }]) => lists)
}

/** The rules of a value of `SITE:<host>`, or of an entry; undefined for other keys and invalid values. */
export function rulesIn(keys: Store['keys'], key: string, value: unknown): ClientRules | undefined {
  if (key.startsWith(keys.settings(''))) return Settings.safeParse(value).data
  const routes = keys.routes('')
  const isEntry = key.startsWith(routes) && splitHost(key.slice(routes.length)).name !== undefined
  return isEntry ? Entry.safeParse(value).data : undefined
}

/** A message for rules that refer to a list that is not stored. */
export async function findMissingList(
  { driver, keys }: Stored,
  key: string,
  value: unknown
): Promise<string | undefined> {
  for (const [field, { lists }] of fieldsOf(rulesIn(keys, key, value))) {
    for (const name of lists) {
      if ((await driver.type(keys.list(name))) === undefined)
        return missingList(keys, key, field, name)
    }
  }
  return undefined
}

/** Messages for rules of a site that refer to lists which neither its document nor the store has. */
export async function findMissingLists(store: Store, site: Site): Promise<string[]> {
  const { driver, keys } = store
  const found: string[] = []
  for (const [key, value] of valuesOf(keys, site)) {
    for (const [field, { lists }] of fieldsOf(rulesIn(keys, key, value))) {
      for (const name of lists) {
        if (Object.hasOwn(site.lists, name)) continue
        if ((await driver.type(keys.list(name))) === undefined)
          found.push(missingList(keys, key, field, name))
      }
    }
  }
  return found
}

/** What the rules of a whole store refer to. */
export class ClientReferences {
  readonly #keys: Store['keys']
  readonly #geo: GeoFiles | undefined
  /** Lists by name: whether they have a URL. */
  readonly #lists = new Map<string, boolean>()
  readonly #fetched = new Set<string>()
  /** Name of a list → the rule that refers to it first. */
  readonly #referring = new Map<string, { key: string; field: string }>()
  readonly #issues: string[] = []

  /** @param geo of the config; undefined if it is not known */
  constructor(keys: Store['keys'], geo: GeoFiles | undefined) {
    this.#keys = keys
    this.#geo = geo
  }

  note(key: string, raw: Buffer | undefined): void {
    const keys = this.#keys
    const value = parseJson(raw)
    if (key.startsWith(keys.list())) {
      const hasUrl = value instanceof Object && 'url' in value
      this.#lists.set(key.slice(keys.list().length), hasUrl)
    } else if (key.startsWith(keys.fetched())) this.#fetched.add(key.slice(keys.fetched().length))
    for (const [field, clients] of fieldsOf(rulesIn(keys, key, value))) {
      for (const name of clients.lists)
        if (!this.#referring.has(name)) this.#referring.set(name, { key, field })
      if (this.#geo === undefined) continue
      const needed = { country: clients.countries.size > 0, asn: clients.asns.size > 0 }
      for (const name of ['country', 'asn'] as const) {
        if (needed[name] && this.#geo[name] === undefined)
          this.#issues.push(
            `${key}: ${field}: "${name}:…" needs geo.${name} in the config: clients are refused until it names a database`
          )
      }
    }
  }

  get issues(): string[] {
    const missing = [...this.#referring].filter(([name]) => !this.#lists.has(name))
    return [
      ...this.#issues,
      ...missing.map(([name, { key, field }]) => missingList(this.#keys, key, field, name))
    ]
  }

  get warnings(): string[] {
    const keys = this.#keys
    const unused = [...this.#lists.keys()].filter((name) => !this.#referring.has(name))
    const orphans = [...this.#fetched].filter((name) => this.#lists.get(name) !== true)
    return [
      ...unused.map((name) => `${keys.list(name)}: unused: no rule refers to "list:${name}"`),
      ...orphans.map(
        (name) => `${keys.fetched(name)}: unused: there is no ${keys.list(name)} with a URL`
      )
    ]
  }
}

function missingList(keys: Store['keys'], key: string, field: string, name: string): string {
  return `${key}: ${field}: there is no list "${name}": clients are refused until ${keys.list(name)} is stored`
}

function fieldsOf(
  rules: ClientRules | undefined
): [field: string, clients: NonNullable<ClientRules['allow_from']>][] {
  const { allow_from, deny_from } = rules ?? {}
  const fields: [string, ClientRules['allow_from']][] = Object.entries({ allow_from, deny_from })
  return fields.flatMap(([field, clients]) => (clients === undefined ? [] : [[field, clients]]))
}

function valuesOf(keys: Store['keys'], site: Site): [key: string, value: unknown][] {
  const { host } = site
  return [
    [keys.settings(host), site.settings],
    ...Object.entries(site.entries).map(([id, entry]): [string, unknown] => [
      keys.entry(host, id),
      entry
    ])
  ]
}
