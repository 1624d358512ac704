import { decodeSettings, type Driver, InvalidValue, type Keyspace } from '@reliw/model'
import { guarded, guardPromise, isWildcard } from '@reliw/options'
import { NameIndex } from './name-index.ts'

export interface IndexParts {
  driver: Driver
  keys: Keyspace
  failed: (cause: unknown) => void
}

/** Milliseconds between two attempts to read what has changed. */
const RETRY_AFTER = 1000
/** Keys to read individually; with more, everything is read anew. */
const MAX_CHANGED = 5000
const BATCH = 1000

/**
 * The index of wildcards and aliases, kept up to date: all settings are read once, and again whenever notices may have
 * been missed; after that only keys that change.
 */
export class LiveIndex {
  readonly index = new NameIndex()
  /** The reading in progress, which never rejects; undefined while the index is up to date. */
  pending: Promise<void> | undefined
  /** Whether the index has ever been read. */
  isLoaded = false
  /** Whether the last reading failed, so that the index may be outdated. */
  hasFailed = false

  readonly #parts: IndexParts
  readonly #prefixes: { settings: string; routes: string; proxy: string }
  #isStarted = false
  /** Keys that have changed; undefined: all may have. */
  #changed: Set<string> | undefined = new Set()
  #retry: NodeJS.Timeout | undefined
  readonly #readAgain = guarded(
    () => this.#read(),
    (error) => this.#parts.failed(error)
  )

  constructor(parts: IndexParts) {
    const { keys } = parts
    this.#parts = parts
    this.#prefixes = {
      settings: keys.settings(''),
      routes: keys.routes('*.'),
      proxy: keys.proxy('*.')
    }
  }

  /** Begins to read and follow the store; commands that look no host up never do. */
  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.notice(undefined)
  }

  /** Takes note of changed keys; undefined: any key may have changed. */
  notice(keys: readonly string[] | undefined): void {
    if (!this.#isStarted) return
    if (keys === undefined) this.#changed = undefined
    else for (const key of keys) if (this.#isRead(key)) this.#changed?.add(key)
    if (this.#changed !== undefined && this.#changed.size > MAX_CHANGED) this.#changed = undefined
    if (this.#changed?.size !== 0) this.#read()
  }

  close(): void {
    this.#isStarted = false
    clearTimeout(this.#retry)
  }

  #isRead(key: string): boolean {
    const { settings, routes, proxy } = this.#prefixes
    return key.startsWith(settings) || key.startsWith(routes) || key.startsWith(proxy)
  }

  #read(): void {
    if (this.pending !== undefined) return
    clearTimeout(this.#retry)
    this.pending = this.#readAll().then(
      () => this.#end(undefined),
      (cause: unknown) => this.#end({ cause })
    )
    guardPromise(this.pending, () => undefined)
  }

  #end(failure: { cause: unknown } | undefined): void {
    this.pending = undefined
    if (failure !== undefined && !this.hasFailed) this.#parts.failed(failure.cause)
    this.hasFailed = failure !== undefined
    if (failure === undefined) this.isLoaded = true
    else {
      this.#changed = undefined
      if (this.#isStarted) this.#retry = setTimeout(this.#readAgain, RETRY_AFTER).unref()
    }
  }

  async #readAll(): Promise<void> {
    while (this.#changed?.size !== 0) {
      const changed = this.#changed
      this.#changed = new Set()
      if (changed === undefined) await this.#scan()
      else await this.#update([...changed])
    }
  }

  async #scan(): Promise<void> {
    const { driver, keys } = this.#parts
    // A key that is gone is found by no scan.
    for (const site of this.index.sites) {
      await this.#updateKey(keys.settings(site))
      if (isWildcard(site)) await this.#updateKey(keys.routes(site))
    }
    for (const prefix of Object.values(this.#prefixes)) {
      for await (const batch of driver.keys(prefix, BATCH)) await this.#update(batch)
    }
  }

  async #update(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map(async (key) => this.#updateKey(key)))
  }

  async #updateKey(key: string): Promise<void> {
    const site = this.#siteIn(key)
    if (key.startsWith(this.#prefixes.settings)) return this.#updateClaims(key, site)
    // Keys of entries name no site.
    if (site.includes(':')) return
    const { driver, keys } = this.#parts
    const types = await Promise.all([driver.type(keys.routes(site)), driver.type(keys.proxy(site))])
    this.index.setWildcard(
      site,
      types.some((type) => type !== undefined)
    )
  }

  /** An invalid value does not replace a valid one, as elsewhere. */
  async #updateClaims(key: string, site: string): Promise<void> {
    try {
      const raw = await this.#parts.driver.get(key)
      const claimed = raw && hasNames(raw) ? decodeSettings(key, raw) : undefined
      this.index.setClaimed(site, hasAny(claimed) ? claimed : undefined)
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error
    }
  }

  #siteIn(key: string): string {
    const { settings, routes, proxy } = this.#prefixes
    if (key.startsWith(settings)) return key.slice(settings.length)
    return key.slice((key.startsWith(routes) ? routes : proxy).length - 2)
  }
}

/** Whether settings may name aliases: most do not, and need not be validated here. */
function hasNames(raw: Buffer): boolean {
  return raw.includes('aliases') || raw.includes('\\u')
}

function hasAny(claimed?: {
  aliases: readonly string[]
  redirect_aliases: readonly string[]
}): boolean {
  return claimed !== undefined && claimed.aliases.length + claimed.redirect_aliases.length > 0
}
