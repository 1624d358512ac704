import type { HostSite } from '@reliw/options'
import type { AddressList, AddressListSource, FetchedList } from '../values/address-list.ts'
import type { ApiKey } from '../values/api-key.ts'
import type { Entry } from '../values/entry.ts'
import type { Routes } from '../values/routes.ts'
import type { LiveSession } from '../values/session.ts'
import type { Settings } from '../values/settings.ts'
import type { StoredFile } from '../values/stored-file.ts'
import type { Upstream } from '../values/upstream.ts'
import type { User } from '../values/user.ts'
import type { WafRules } from '../values/waf-rules.ts'
import type { Live, Reader } from './live.ts'

/**
 * The stored values of each site, decoded and compiled. `Live` values are synchronous when cached; given the reader of
 * a view, the value made by that view is cached until the key changes. Reads reject, or throw, with StoreUnavailable or
 * InvalidValue.
 */
export interface Sites {
  /**
   * The site that serves a requested host: the host's own site, with routes or an upstream; else the site with the host
   * among its aliases; else the longest wildcard, of a site or an alias, that the host matches. A host without any
   * counts as a site of its own, for which nothing is stored. The other methods take the name of a site.
   */
  siteOf(host: string): Live<HostSite>
  /** `API:<host>`; `undefined` if there is no such site. */
  routes(host: string, reader?: Reader): Live<Routes | undefined>
  /** `API:<host>:<id>` */
  entry(host: string, id: string, reader?: Reader): Live<Entry | undefined>
  /** `SITE:<host>`, or the defaults. */
  settings(host: string, reader?: Reader): Live<Settings>
  /** `PROXY:<host>` */
  proxy(host: string, reader?: Reader): Live<Upstream | undefined>
  /** A field of `USERS:<host>`. Never stale. */
  user(host: string, name: string, reader?: Reader): Live<User | undefined>
  /** A field of `WAF`: of a host, or `__` for all hosts. */
  wafRules(host: string, reader?: Reader): Live<WafRules | undefined>
  /** Whether there is a key `FILES:<host>:<file>`. Not cached: most requested paths have none. */
  hasFile(host: string, file: string, reader: Reader): Promise<boolean>
  /** `FILES:<host>:<file>`. Not cached here; values made from it are. */
  file(host: string, file: string, reader: Reader): Promise<StoredFile | undefined>
  /** The title of a file in `TITLES:<host>`. Not cached here. */
  title(host: string, file: string, reader: Reader): Promise<string | undefined>
  /**
   * `DATA:<host>:<name>`, else `DATA:__:<name>`. Not cached here.
   *
   * @param decode makes the value, by default the bytes; if it throws, the stored value counts as invalid
   */
  data<V = Buffer>(
    host: string,
    name: string,
    reader: Reader,
    decode?: (raw: Buffer) => V
  ): Promise<V | undefined>
  /** The addresses of `LIST:<name>` and `FETCHED:<name>`; `undefined` if there is no such list. */
  list(name: string, reader?: Reader): Live<AddressList | undefined>
  /** `LIST:<name>` as it is stored. */
  listSource(name: string, reader?: Reader): Live<AddressListSource | undefined>
  /** `FETCHED:<name>`, the content of a list that has a URL. */
  fetchedList(name: string, reader?: Reader): Live<FetchedList | undefined>
  /** A field of `KEYS:<host>`, by the hex SHA-256 of the API key. Never stale. */
  apiKey(host: string, hash: string, reader?: Reader): Live<ApiKey | undefined>
  /** `SESSIONS:<host>:<id>`. Never stale: a revoked session ends with its key. */
  session(host: string, id: string): Live<LiveSession | undefined>
}
