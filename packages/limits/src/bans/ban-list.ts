import { setImmediate } from 'node:timers/promises'
import type { Store } from '@reliw/model'
import { BanReader, type BanRejected } from './ban-reader.ts'
import { BanTable } from './ban-table.ts'

/** Default maximum number of bans in memory. */
const MAX_BANS = 100_000
/** Bans that are read concurrently. */
const BATCH = 250
/** Changed keys waiting to be read; beyond this number, the whole list is read again. */
const MAX_CHANGED = 10_000
/** Milliseconds until a failed read is retried, unless the store reports a change sooner. */
const RETRY = 1000
/** Milliseconds until a list that exceeded the maximum is read again: there may be room by then. */
const OVERFLOW_RETRY = 60_000

export interface BanListOptions {
  /** Maximum number of bans in memory. Default 100,000. */
  max?: number
  rejected?: BanRejected
  /** Called when the store has more bans than fit in memory; once, until all of them fit again. */
  overflowed?: (max: number) => void
  /** Called when the list could not be read; the bans in memory stay in force. Once, until a read succeeds again. */
  failed?: (error: unknown) => void
}

/** The part of the store that the ban list uses. */
export type BanStore = Pick<Store, 'driver' | 'keys' | 'watch'>

/** A scan of all stored bans that is under way. */
interface Scan {
  readonly batches: AsyncIterator<string[]>
  readonly bans: BanTable
}

/**
 * All bans of the store, in memory and up to date: a request is looked up synchronously.
 *
 * Changed keys are read again. When any key may have changed, the whole list is read into a new table while the old
 * table stays in force. A single reader does all of this, batch after batch, so that a key that changes during a scan
 * is read once more.
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

  /** Resolves when the list has been read for the first time, or when it is closed before that. */
  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  /** Number of bans in memory. */
  get size(): number {
    return this.#bans.size
  }

  /** Whether the store has more bans than fit in memory. */
  get overflow(): boolean {
    return this.#overflow
  }

  /** Whether an address is banned now. */
  has(ip: string): boolean {
    return this.#bans.has(ip)
  }

  /** Reads a ban that the caller has just written, without waiting for the store's notification. Never rejects. */
  async refresh(block: string): Promise<void> {
    this.#note([this.#store.keys.ban(block)])
    await this.#working
  }

  /** Stops reading the store; the bans in memory stay in force. */
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

  /** Changed keys come first: a new ban does not wait for the scan of a long list. */
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
    this.#reader.reset()
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

  /** Ends the scan's iterator: the store may hold a cursor or transaction open for it. */
  async #dropScan(): Promise<void> {
    const scan = this.#scan
    this.#scan = undefined
    await scan?.batches.return?.().catch(() => undefined)
  }

  /** Keys that change during a scan are written to the old table and to the new one. */
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
      // The embedded store resolves immediately: without this, a long list would block the event loop.
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
