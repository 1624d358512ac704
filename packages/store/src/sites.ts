import {
  type AddressList,
  type AddressListSource,
  ANY_HOST,
  type ApiKey,
  decodeApiKey,
  decodeEntry,
  decodeFetched,
  decodeList,
  decodeRoutes,
  decodeSession,
  decodeSettings,
  decodeStoredFile,
  decodeUpstream,
  decodeUser,
  decodeWafRules,
  defaultSettings,
  type Driver,
  type Entry,
  type FetchedList,
  idleBesideProxy,
  idleFields,
  idleSettings,
  InvalidValue,
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

interface Parts {
  driver: Driver
  keys: Keyspace
  names: SiteNames
  view: <V>(load: ViewOptions<V>['load']) => View<V>
  /** A view whose values are never served stale, and do not stay in force while the stored data is invalid. */
  strictView: <V>(load: ViewOptions<V>['load']) => View<V>
  dependOn: (reader: Reader, source: string) => void
  /** Called with each invalid value, each time one is read. */
  rejected: (error: InvalidValue) => void
  /** Called with the settings of a value that have no effect, each time the value is read. */
  idle: (key: string, issues: readonly string[]) => void
}

type Decode<V> = (key: string, raw: Buffer) => V

/** Keys that each request reads. */
interface HostKeys {
  routes: string
  settings: string
  proxy: string
  waf: string
}

/** Largest number of hosts whose keys are cached; beyond that the cache is cleared. */
const MAX_HOST_KEYS = 2000
/** Estimated memory of a decoded JSON value, in bytes per byte of its text. */
const DECODED = 4
/** Separates key and field in the key of a view; occurs in no key of the store. */
const FIELD = '\n'

/** Reads sites from the store through views. */
export class StoredSites implements Sites {
  readonly #parts: Parts
  readonly #hostKeys = new Map<string, HostKeys>()
  readonly #routes: View<Routes | undefined>
  readonly #entries: View<Entry | undefined>
  readonly #settings: View<Settings>
  readonly #listSources: View<AddressListSource | undefined>
  readonly #fetched: View<FetchedList | undefined>
  readonly #lists: View<AddressList | undefined>
  readonly #proxies: View<Upstream | undefined>
  readonly #users: View<User | undefined>
  readonly #apiKeys: View<ApiKey | undefined>
  readonly #sessions: View<LiveSession | undefined>
  readonly #wafRules: View<WafRules | undefined>

  constructor(parts: Parts) {
    this.#parts = parts
    this.#routes = parts.view(async (key, reader) => this.#value(key, decodeRoutes, reader))
    this.#entries = parts.view(async (key, reader) => this.#entry(key, reader))
    this.#settings = parts.view(async (key, reader) => this.#ownSettings(key, reader))
    this.#proxies = parts.view(async (key, reader) => this.#value(key, decodeUpstream, reader))
    this.#listSources = parts.view(async (key, reader) => this.#value(key, decodeList, reader))
    this.#fetched = parts.view(async (key, reader) => this.#fetchedContent(key, reader))
    this.#lists = parts.view(async (name, reader) => this.#list(name, reader))
    this.#users = parts.strictView(async (name, reader) => this.#field(name, decodeUser, reader))
    this.#apiKeys = parts.strictView(async (name, reader) =>
      this.#field(name, decodeApiKey, reader)
    )
    this.#sessions = parts.strictView(async (key, reader) => this.#session(key, reader))
    this.#wafRules = parts.view(async (name, reader) => this.#field(name, decodeWafRules, reader))
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
    const fields = await this.#read(async (driver) => driver.hash(key))
    return fields && this.#decoded(key, () => decodeStoredFile(key, fields))
  }

  async title(host: string, file: string, reader: Reader): Promise<string | undefined> {
    const key = this.#parts.keys.titles(host)
    this.#parts.dependOn(reader, key)
    return (await this.#read(async (driver) => driver.hashField(key, file)))?.toString()
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
    const [mine, ours] = await this.#read(async (driver) =>
      Promise.all([driver.get(own), driver.get(shared)])
    )
    const raw = mine ?? ours
    return raw && this.#decoded(mine ? own : shared, () => decode(raw))
  }

  apiKey(host: string, hash: string, reader?: Reader): Live<ApiKey | undefined> {
    return this.#apiKeys.get(this.#parts.keys.apiKeys(host) + FIELD + hash, reader)
  }

  list(name: string, reader?: Reader): Live<AddressList | undefined> {
    return this.#lists.get(name, reader)
  }

  listSource(name: string, reader?: Reader): Live<AddressListSource | undefined> {
    return this.#listSources.get(this.#parts.keys.list(name), reader)
  }

  fetchedList(name: string, reader?: Reader): Live<FetchedList | undefined> {
    return this.#fetched.get(this.#parts.keys.fetched(name), reader)
  }

  session(host: string, id: string): Live<LiveSession | undefined> {
    return this.#sessions.get(this.#parts.keys.session(host, id))
  }

  async #entry(key: string, reader: LoadReader<Entry | undefined>): Promise<Entry | undefined> {
    const entry = await this.#value(key, decodeEntry, reader)
    if (entry !== undefined) this.#parts.idle(key, idleFields(entry))
    return entry
  }

  async #ownSettings(key: string, reader: LoadReader<Settings>): Promise<Settings> {
    const settings = (await this.#value(key, decodeSettings, reader)) ?? defaultSettings
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

  async #list(name: string, reader: Reader): Promise<AddressList | undefined> {
    const { keys } = this.#parts
    const source = await this.#listSources.get(keys.list(name), reader)
    if (source === undefined) return undefined
    const { addresses: written, url, field } = source
    if (url === undefined) return { has: (ip) => written.has(ip), isComplete: true }
    const content = await this.#fetched.get(keys.fetched(name), reader)
    // security: what another URL had sent is not this list.
    const isItsOwn = content?.url === url && content.field === field
    const fetched = isItsOwn ? content.addresses : undefined
    return {
      has: (ip) => written.has(ip) || fetched?.has(ip) === true,
      isComplete: fetched !== undefined
    }
  }

  async #fetchedContent(
    key: string,
    reader: LoadReader<FetchedList | undefined>
  ): Promise<FetchedList | undefined> {
    this.#parts.dependOn(reader, key)
    const raw = await this.#read(async (driver) => driver.get(key))
    if (raw === undefined) return undefined
    reader.weigh(DECODED * raw.length)
    const known = reader.decodedFrom(raw)
    if (known !== undefined) return known
    try {
      return await decodeFetched(key, raw)
    } catch (error) {
      if (error instanceof InvalidValue) this.#parts.rejected(error)
      throw error
    }
  }

  async #session(key: string, reader: Reader): Promise<LiveSession | undefined> {
    this.#parts.dependOn(reader, key)
    const [raw, ttl] = await this.#read(async (driver) =>
      Promise.all([driver.get(key), driver.ttl(key)])
    )
    reader.weigh(DECODED * (raw?.length ?? 0))
    if (raw === undefined) return undefined
    const session = this.#decoded(key, () => decodeSession(key, raw))
    return { session, expires: ttl === undefined ? Infinity : Date.now() + ttl }
  }

  async #value<V>(
    key: string,
    decode: Decode<V>,
    reader: LoadReader<V | undefined>
  ): Promise<V | undefined> {
    this.#parts.dependOn(reader, key)
    const raw = await this.#read(async (driver) => driver.get(key))
    return raw && this.#sameOrDecoded(key, decode, raw, reader)
  }

  async #field<V>(
    name: string,
    decode: Decode<V>,
    reader: LoadReader<V | undefined>
  ): Promise<V | undefined> {
    const [key = '', field = ''] = name.split(FIELD)
    this.#parts.dependOn(reader, key)
    const raw = await this.#read(async (driver) => driver.hashField(key, field))
    return raw && this.#sameOrDecoded(`${key} ${field}`, decode, raw, reader)
  }

  #sameOrDecoded<V>(
    key: string,
    decode: Decode<V>,
    raw: Buffer,
    reader: LoadReader<V | undefined>
  ): V {
    reader.weigh(DECODED * raw.length)
    return reader.decodedFrom(raw) ?? this.#decoded(key, () => decode(key, raw))
  }

  /** Reads from the driver and reports an invalid value, such as a key of another type. */
  async #read<V>(read: (driver: Driver) => Promise<V>): Promise<V> {
    try {
      return await read(this.#parts.driver)
    } catch (error) {
      if (error instanceof InvalidValue) this.#parts.rejected(error)
      throw error
    }
  }

  #decoded<V>(key: string, decode: () => V): V {
    try {
      return decode()
    } catch (cause) {
      const error = cause instanceof InvalidValue ? cause : new InvalidValue(key, String(cause))
      this.#parts.rejected(error)
      throw error
    }
  }
}
