import { Cidr, nearest } from '@reliw/options'
import { InvalidKey, InvalidValue, UnknownKey } from './errors.ts'
import { ANY_HOST, type KeyShape, findHostIssue, findNameIssue, splitHost } from './key-names.ts'
import { checkFetched, checkList } from './values/address-list.ts'
import { checkApiKey } from './values/api-key.ts'
import { decodeBan } from './values/ban.ts'
import { checkEntry } from './values/entry.ts'
import { decodeRoutes } from './values/routes.ts'
import { decodeSession } from './values/session.ts'
import { checkFileField } from './values/stored-file.ts'
import { checkSettings } from './values/settings.ts'
import { decodeUpstream } from './values/upstream.ts'
import { checkUser } from './values/user.ts'
import { decodeWafRules } from './values/waf-rules.ts'

/** One kind of key. `check` throws InvalidValue or InvalidKey; for a hash it is called with each field. */
interface Family {
  type: 'string' | 'hash'
  /** Shape of the key after the family. */
  name: KeyShape
  /** Whether values are cached, so that their changes must be announced. */
  tracked: boolean
  check?: (key: string, value: Buffer, field: string) => unknown
}

/** The families of the data model, by the part after the prefix. Only `API` holds two kinds: routes and entries. */
const FAMILIES: Readonly<Record<string, Family>> = {
  API: { type: 'string', name: 'host or named', tracked: true, check: checkApi },
  BANS: { type: 'string', name: 'free', tracked: true, check: checkBan },
  DATA: { type: 'string', name: 'named', tracked: true, check: checkData },
  FETCHED: { type: 'string', name: 'list', tracked: true, check: checkFetched },
  FILES: { type: 'hash', name: 'named', tracked: true, check: checkFileField },
  KEYS: { type: 'hash', name: 'host', tracked: true, check: checkApiKey },
  LIMITS: { type: 'string', name: 'free', tracked: false },
  LIST: { type: 'string', name: 'list', tracked: true, check: checkList },
  LOGINS: { type: 'string', name: 'free', tracked: false },
  METRICS: { type: 'hash', name: 'free', tracked: false },
  PROXY: { type: 'string', name: 'host', tracked: true, check: decodeUpstream },
  SESSIONS: { type: 'string', name: 'named', tracked: true, check: decodeSession },
  SITE: { type: 'string', name: 'host', tracked: true, check: checkSettings },
  TITLES: { type: 'hash', name: 'host', tracked: true },
  USERS: { type: 'hash', name: 'host', tracked: true, check: checkUser },
  WAF: { type: 'hash', name: 'none', tracked: true, check: checkWaf }
}

/** Names the keys of the data model under one prefix. */
export class Keyspace {
  readonly prefix: string
  /** Prefixes of the keys whose values are cached. */
  readonly trackedPrefixes: readonly string[]

  constructor(prefix: string) {
    this.prefix = prefix
    this.trackedPrefixes = Object.entries(FAMILIES)
      .filter(([, family]) => family.tracked)
      .map(([name]) => (name === 'WAF' ? `${prefix}:WAF` : `${prefix}:${name}:`))
  }

  routes = (host: string): string => `${this.prefix}:API:${host}`
  entry = (host: string, id: string): string => `${this.prefix}:API:${host}:${id}`
  file = (host: string, file: string): string => `${this.prefix}:FILES:${host}:${file}`
  titles = (host: string): string => `${this.prefix}:TITLES:${host}`
  data = (host: string, name: string): string => `${this.prefix}:DATA:${host}:${name}`
  users = (host: string): string => `${this.prefix}:USERS:${host}`
  /** Key of a session, by the hash of its token; without `id`, the prefix of all sessions of the host. */
  session = (host: string, id = ''): string => `${this.prefix}:SESSIONS:${host}:${id}`
  /** Key of a login in progress, by the hash of its token. */
  login = (host: string, id: string): string => `${this.prefix}:LOGINS:${host}:${id}`
  /** Key of a named list of addresses; without a name, the prefix of all lists. */
  list = (name = ''): string => `${this.prefix}:LIST:${name}`
  /** Key of the content that was fetched for a list. */
  fetched = (name = ''): string => `${this.prefix}:FETCHED:${name}`
  apiKeys = (host: string): string => `${this.prefix}:KEYS:${host}`
  /** Key of a rate limit counter: of a host (`__`: of all hosts), what is counted, and whose requests. */
  limit = (host: string, what: string, whose: string): string =>
    `${this.prefix}:LIMITS:${host}:${what}:${whose}`
  /** Key of the ban of an address or block. */
  ban = (block: string): string => `${this.prefix}:BANS:${block}`
  /** Prefix of all bans. */
  bans = (): string => this.ban('')
  /** Key of the request counts of a host: by status, by method, or by path. */
  metrics = (host: string, what: 'total' | 'by_method' | 'by_request'): string =>
    `${this.metricsPrefix()}${host}:${what}`
  /** Prefix of all keys of `metrics`. */
  metricsPrefix = (): string => `${this.prefix}:METRICS:`
  proxy = (host: string): string => `${this.prefix}:PROXY:${host}`
  settings = (host: string): string => `${this.prefix}:SITE:${host}`
  waf = (): string => `${this.prefix}:WAF`
  channel = (name: 'CTL' | 'WAFFERS'): string => `${this.prefix}:${name}`

  /** Adds the prefix to a key that lacks it. */
  complete(key: string): string {
    return key.startsWith(`${this.prefix}:`) ? key : `${this.prefix}:${key}`
  }

  isTracked = (key: string): boolean =>
    this.trackedPrefixes.some((prefix) => key.startsWith(prefix))

  /**
   * Validates a value before it is written: it must be valid, under a key where the server looks it up, and contain
   * nothing without effect.
   *
   * @throws UnknownKey, InvalidKey or InvalidValue
   */
  check(key: string, value: Buffer, field = ''): void {
    const { check, type } = this.#checkName(key)
    if (type === 'hash' && field === '') throw new InvalidValue(key, 'it is a hash: name a field')
    if (type === 'string' && field !== '') throw new InvalidValue(key, 'it is not a hash')
    check?.(field === '' ? key : `${key} ${field}`, value, field)
  }

  /**
   * The family of a key, after the prefix: `API`, `WAF`, …; `other` for a key outside the data model. The key may be
   * followed by a space and a field.
   */
  familyOf(key: string): string {
    const [name = ''] = this.#nameIn(key).split(' ', 1)
    return Object.hasOwn(FAMILIES, name) ? name : 'other'
  }

  #checkName(key: string): Family {
    const name = this.#nameIn(key)
    const family = Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined
    if (family === undefined) {
      const meant = nearest(name, Object.keys(FAMILIES))
      throw new UnknownKey(meant === undefined ? key : `${key}: did you mean ${meant}?`)
    }
    const rest = key.slice(this.prefix.length + 1 + name.length)
    const issue = findNameIssue(name, family.name, rest === '' ? undefined : rest.slice(1))
    if (issue !== undefined) throw new InvalidKey(key, issue)
    return family
  }

  #nameIn(key: string): string {
    if (!key.startsWith(`${this.prefix}:`)) return ''
    return key.slice(this.prefix.length + 1).split(':', 1)[0] ?? ''
  }
}

/** The key must name addresses; otherwise the ban would apply to nobody. */
function checkBan(key: string, value: Buffer): void {
  const block = key.slice(key.indexOf(':BANS:') + 6)
  if (!Cidr.safeParse(block).success) {
    throw new InvalidValue(key, 'expected an IP address or CIDR block after "BANS:"')
  }
  decodeBan(key, value)
}

/** Rejects a layout without a place for the content: pages would be shown without any. */
function checkData(key: string, value: Buffer): void {
  if (!/:(template|login)\.html$/.test(key) || value.includes('${content}')) return
  throw new InvalidValue(key, 'the layout has no ${content}')
}

/** `API:<host>` holds routes, `API:<host>:<id>` an entry; a host with colons is an IPv6 address. */
function checkApi(key: string, value: Buffer): void {
  const { host, name } = splitHost(key.slice(key.indexOf(':API:') + 5))
  if (name === undefined) return void decodeRoutes(key, value)
  if (/^\d+$/.test(name) && value.toString().trimStart().startsWith('[')) {
    const meant = `API:${host}`
    throw new InvalidKey(key, { why: 'routes are stored for a host without its port', meant })
  }
  checkEntry(key, value)
}

/** The field must be a host, or `__`: rules under any other name would never apply. */
function checkWaf(key: string, value: Buffer, field: string): void {
  const issue = field === ANY_HOST ? undefined : findHostIssue(field)
  if (issue !== undefined) {
    const meant = issue.meant && `WAF ${issue.meant}`
    throw new InvalidKey(key, { why: issue.why, meant })
  }
  decodeWafRules(key, value)
}
