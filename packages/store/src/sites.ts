import {
  type AddressList,
  type AddressListSource,
  ANY_HOST,
  type ApiKey,
  decodeApiKey,
  decodeEntry,
  decodeRoutes,
  decodeSession,
  decodeSettings,
  decodeStoredFile,
  decodeUpstream,
  decodeUser,
  decodeWafRules,
  defaultSettings,
  type Entry,
  type FetchedList,
  idleBesideProxy,
  idleFields,
  idleSettings,
  type Keyspace,
  type Live,
  type LiveSession,
  type Reader,
  type Routes,
  type Settings,
  type Sites,
  type StoredFile,
  type Upstream,
  type User,
  type View,
  type WafRules
} from '@reliw/model'
import type { HostSite } from '@reliw/options'
import type { LoadReader, ViewOptions } from './live/view.ts'
import type { SiteNames } from './names/site-names.ts'
import { StoredLists } from './stored-lists.ts'
import { DECODED, FIELD, StoredValues, type StoredValuesParts } from './stored-values.ts'

interface Parts extends StoredValuesParts {
  keys: Keyspace
  names: SiteNames
  view: <V>(load: ViewOptions<V>['load']) => View<V>
  /** A view whose values are never served stale, and do not stay in force while the stored data is invalid. */
  strictView: <V>(load: ViewOptions<V>['load']) => View<V>
  /** Called with the settings of a value that have no effect, each time the value is read. */
  idle: (key: string, issues: readonly string[]) => void
}

/** Keys that each request reads. */
interface HostKeys {
  routes: string
  settings: string
  proxy: string
  waf: string
}

/** Largest number of hosts whose keys are cached; beyond that the cache is cleared. */
const MAX_HOST_KEYS = 2000

/** Reads sites from the store through views. */
export class StoredSites implements Sites {
  readonly #parts: Parts
  readonly #values: StoredValues
  readonly #lists: StoredLists
  readonly #hostKeys = new Map<string, HostKeys>()
  readonly #routes: View<Routes | undefined>
  readonly #entries: View<Entry | undefined>
  readonly #settings: View<Settings>
  readonly #proxies: View<Upstream | undefined>
  readonly #users: View<User | undefined>
  readonly #apiKeys: View<ApiKey | undefined>
  readonly #sessions: View<LiveSession | undefined>
  readonly #wafRules: View<WafRules | undefined>

  constructor(parts: Parts) {
    this.#parts = parts
    this.#values = new StoredValues(parts)
    this.#lists = new StoredLists(parts, this.#values)
    this.#routes = parts.view(async (key, reader) => this.#values.value(key, decodeRoutes, reader))
    this.#entries = parts.view(async (key, reader) => this.#entry(key, reader))
    this.#settings = parts.view(async (key, reader) => this.#ownSettings(key, reader))
    this.#proxies = parts.view(async (key, reader) =>
      this.#values.value(key, decodeUpstream, reader)
    )
    this.#users = parts.strictView(async (name, reader) =>
      this.#values.field(name, decodeUser, reader)
    )
    this.#apiKeys = parts.strictView(async (name, reader) =>
      this.#values.field(name, decodeApiKey, reader)
    )
    this.#sessions = parts.strictView(async (key, reader) => this.#session(key, reader))
    this.#wafRules = parts.view(async (name, reader) =>
      this.#values.field(name, decodeWafRules, reader)
    )
  }

  /** The cached keys of a host: look-ups with these strings are faster, because their hashes are already computed. */
  #keysOf(host: string): HostKeys {
    let found = this.#hostKeys.get(host)
    if (found === undefined) {
      const { keys } = this.#parts
      found = {
        routes: keys.routes(host),
        settings: keys.settings(host),
        proxy: keys.proxy(host),
        waf: keys.waf() + FIELD + host
      }
      if (this.#hostKeys.size >= MAX_HOST_KEYS) this.#hostKeys.clear()
      this.#hostKeys.set(host, found)
    }
    return found
  }

  siteOf(host: string): Live<HostSite> {
    return this.#parts.names.siteOf(host)
  }

  routes(host: string, reader?: Reader): Live<Routes | undefined> {
    return this.#routes.get(this.#keysOf(host).routes, reader)
  }

  entry(host: string, id: string, reader?: Reader): Live<Entry | undefined> {
    return this.#entries.get(this.#parts.keys.entry(host, id), reader)
  }

  settings(host: string, reader?: Reader): Live<Settings> {
    return this.#settings.get(this.#keysOf(host).settings, reader)
  }

  proxy(host: string, reader?: Reader): Live<Upstream | undefined> {
    return this.#proxies.get(this.#keysOf(host).proxy, reader)
  }

  user(host: string, name: string, reader?: Reader): Live<User | undefined> {
    return this.#users.get(this.#parts.keys.users(host) + FIELD + name, reader)
  }

  wafRules(host: string, reader?: Reader): Live<WafRules | undefined> {
    return this.#wafRules.get(this.#keysOf(host).waf, reader)
  }

  async hasFile(host: string, file: string, reader: Reader): Promise<boolean> {
    const key = this.#parts.keys.file(host, file)
    this.#parts.dependOn(reader, key)
    return (await this.#parts.driver.type(key)) !== undefined
  }

  async file(host: string, file: string, reader: Reader): Promise<StoredFile | undefined> {
    const key = this.#parts.keys.file(host, file)
    this.#parts.dependOn(reader, key)
    const fields = await this.#values.read(async (driver) => driver.hash(key))
    return fields && this.#values.decoded(key, () => decodeStoredFile(key, fields))
  }

  async title(host: string, file: string, reader: Reader): Promise<string | undefined> {
    const key = this.#parts.keys.titles(host)
    this.#parts.dependOn(reader, key)
    return (await this.#values.read(async (driver) => driver.hashField(key, file)))?.toString()
  }

  async data<V = Buffer>(
    host: string,
    name: string,
    reader: Reader,
    decode: (raw: Buffer) => V = (raw) => raw as V
  ): Promise<V | undefined> {
    const { keys, dependOn } = this.#parts
    const [own, shared] = [keys.data(host, name), keys.data(ANY_HOST, name)]
    dependOn(reader, own)
    dependOn(reader, shared)
    const [mine, ours] = await this.#values.read(async (driver) =>
      Promise.all([driver.get(own), driver.get(shared)])
    )
    const raw = mine ?? ours
    return raw && this.#values.decoded(mine ? own : shared, () => decode(raw))
  }

  apiKey(host: string, hash: string, reader?: Reader): Live<ApiKey | undefined> {
    return this.#apiKeys.get(this.#parts.keys.apiKeys(host) + FIELD + hash, reader)
  }

  list(name: string, reader?: Reader): Live<AddressList | undefined> {
    return this.#lists.list(name, reader)
  }

  listSource(name: string, reader?: Reader): Live<AddressListSource | undefined> {
    return this.#lists.source(name, reader)
  }

  fetchedList(name: string, reader?: Reader): Live<FetchedList | undefined> {
    return this.#lists.fetched(name, reader)
  }

  session(host: string, id: string): Live<LiveSession | undefined> {
    return this.#sessions.get(this.#parts.keys.session(host, id))
  }

  async #entry(key: string, reader: LoadReader<Entry | undefined>): Promise<Entry | undefined> {
    const entry = await this.#values.value(key, decodeEntry, reader)
    if (entry !== undefined) this.#parts.idle(key, idleFields(entry))
    return entry
  }

  async #ownSettings(key: string, reader: LoadReader<Settings>): Promise<Settings> {
    const settings = (await this.#values.value(key, decodeSettings, reader)) ?? defaultSettings
    const site = key.slice(this.#parts.keys.settings('').length)
    const idle = idleSettings(settings, site)
    const besideProxy = idleBesideProxy(settings)
    if (besideProxy.length > 0) {
      const { driver, keys, dependOn } = this.#parts
      const proxy = keys.proxy(site)
      dependOn(reader, proxy)
      if ((await driver.type(proxy)) !== undefined) idle.push(...besideProxy)
    }
    this.#parts.idle(key, idle)
    return settings
  }

  async #session(key: string, reader: Reader): Promise<LiveSession | undefined> {
    this.#parts.dependOn(reader, key)
    const [raw, ttl] = await this.#values.read(async (driver) =>
      Promise.all([driver.get(key), driver.ttl(key)])
    )
    reader.weigh(DECODED * (raw?.length ?? 0))
    if (raw === undefined) return undefined
    const session = await this.#values.decoded(key, () => decodeSession(key, raw))
    return { session, expires: ttl === undefined ? Infinity : Date.now() + ttl }
  }
}
