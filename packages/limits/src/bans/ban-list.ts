import { setImmediate } from 'node:timers/promises'
import type { Store } from '@reliw/model'
import { BanReader, type BanRejected } from './ban-reader.ts'
import { BanTable } from './ban-table.ts'

/** How many bans are kept by default. */
const MAX_BANS = 100_000
/** Bans that are read at once. */
const BATCH = 250
/** Changed keys that wait to be read; beyond, the whole list is read. */
const MAX_CHANGED = 10_000
/** Milliseconds until a reading that failed is tried again, if the store does not call sooner. */
const RETRY = 1000
/** Milliseconds until a list that was too long is read again: there may be room by then. */
const OVERFLOW_RETRY = 60_000

export interface BanListOptions {
  /** How many bans are kept. Default 100,000. */
  max?: number
  rejected?: BanRejected
  /** More bans are stored than are kept. Once, until all had room again. */
  overflowed?: (max: number) => void
  /** The list could not be read: what is kept stays in force. Once, until it could be read again. */
  failed?: (error: unknown) => void
}

/** What of the store the list is made from. */
export type BanStore = Pick<Store, 'driver' | 'keys' | 'watch'>

/** A reading of the whole list. */
interface Scan {
  readonly batches: AsyncIterator<string[]>
  readonly bans: BanTable
}

/**
 * All bans of the store, in memory and up to date: a request is looked up without a promise.
 *
 * Keys that change are read again. When any may have changed the whole list is read into a new table,
 * while the old one stays in force. One reader does it all, one batch after the other, so that what
 * changes while it is read is read once more.
 */
export class BanList {
  readonly #store: BanStore
  readonly #options: BanListOptions
  readonly #max: number
  readonly #reader: BanReader
  readonly #changed = new Set<string>()
  readonly #loaded = Promise.withResolvers<void>()
  readonly #stop: () => void
  #bans: BanTable
  #scan: Scan | undefined
  #scanWanted = false
  #working: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #overflow = false
  #closed = false

  constructor(store: BanStore, options: BanListOptions = {}) {
    this.#store = store
    this.#options = options
    this.#max = options.max ?? MAX_BANS
    this.#reader = new BanReader(store, options.rejected)
    this.#bans = new BanTable(this.#max)
    this.#stop = store.watch(store.keys.bans(), (keys) => this.#note(keys))
  }

  /** Settles when the list was read for the first time, or closed before. */
  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  /** How many bans are kept. */
  get size(): number {
    return this.#bans.size
  }

  /** Whether more bans are stored than are kept. */
  get overflow(): boolean {
    return this.#overflow
  }

  /** Whether an address is banned now. */
  has(ip: string): boolean {
    return this.#bans.has(ip)
  }

  /** Reads a ban that the caller has just written, ahead of its notice. Never rejects. */
  async refresh(block: string): Promise<void> {
    this.#note([this.#store.keys.ban(block)])
    await this.#working
  }

  /** Bans that are kept stay in force; the store is not asked any more. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#stop()
    await this.#working
    await this.#dropScan()
    this.#loaded.resolve()
  }

  #note(keys: readonly string[] | undefined): void {
    if (keys === undefined || this.#changed.size + keys.length > MAX_CHANGED) {
      this.#scanWanted = true
    } else {
      for (const key of keys) this.#changed.add(key)
    }
    if (this.#hasWork()) this.#working ??= this.#work()
  }

  #hasWork(): boolean {
    if (this.#closed) return false
    return this.#scanWanted || this.#changed.size > 0 || this.#scan !== undefined
  }

  async #work(): Promise<void> {
    try {
      while (this.#hasWork()) await this.#step()
      this.#failing = false
    } catch (error) {
      if (!this.#failing && !this.#closed) this.#options.failed?.(error)
      this.#failing = true
      await this.#dropScan()
      this.#scanLater(RETRY)
    } finally {
      this.#working = undefined
    }
  }

  #scanLater(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => this.#note(undefined), ms).unref()
  }

  /** Changes come first: an order to ban somebody does not wait for a long list. */
  async #step(): Promise<void> {
    if (this.#changed.size > 0) return this.#readChanged()
    this.#scan ??= this.#startScan()
    const { batches, bans } = this.#scan
    const next = bans.overflow ? undefined : await batches.next()
    if (next !== undefined && !next.done) await this.#readAll(next.value, [bans])
    else if (this.#changed.size === 0) await this.#endScan(bans)
  }

  #startScan(): Scan {
    const { driver, keys } = this.#store
    this.#scanWanted = false
    this.#reader.startAnew()
    const batches = driver.keys(keys.bans(), BATCH)[Symbol.asyncIterator]()
    return { batches, bans: new BanTable(this.#max) }
  }

  async #endScan(bans: BanTable): Promise<void> {
    this.#bans = bans
    this.#overflow = bans.overflow
    if (bans.overflow) this.#scanLater(OVERFLOW_RETRY)
    this.#loaded.resolve()
    await this.#dropScan()
  }

  /** The store may hold something open for it. */
  async #dropScan(): Promise<void> {
    const scan = this.#scan
    this.#scan = undefined
    await scan?.batches.return?.().catch(() => undefined)
  }

  /** What changes while the whole list is read counts for the old table and for the new one. */
  async #readChanged(): Promise<void> {
    const keys = [...this.#changed].slice(0, BATCH)
    for (const key of keys) this.#changed.delete(key)
    await this.#readAll(keys, this.#scan ? [this.#bans, this.#scan.bans] : [this.#bans])
  }

  async #readAll(keys: readonly string[], tables: readonly BanTable[]): Promise<void> {
    for (let at = 0; at < keys.length && !this.#closed; at += BATCH) {
      const found = await this.#reader.read(keys.slice(at, at + BATCH))
      for (const table of tables) {
        for (const { text, end } of found) this.#keep(table, text, end)
      }
      // The embedded store answers at once: everybody else has to get a turn all the same.
      await setImmediate()
    }
  }

  #keep(table: BanTable, text: string, end: number | undefined): void {
    if (end === undefined) return table.delete(text)
    table.set(text, end)
    if (!table.overflow || this.#overflow) return
    this.#overflow = true
    this.#options.overflowed?.(this.#max)
    this.#scanLater(OVERFLOW_RETRY)
  }
}
