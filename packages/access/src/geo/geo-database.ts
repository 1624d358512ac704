import { stat } from 'node:fs/promises'
import { normalizeAddress } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'
import type { Lookup } from '../sources.ts'
import { type Find, readDatabase } from './read-database.ts'

/** Time between two looks at the file, in milliseconds. */
const INTERVAL = 1000
/** Maximum number of memoized look-ups; beyond it, all are dropped. security: clients choose the addresses. */
const MEMO_ENTRIES = 4096
/** Length of the longest spelling of an address, in characters; longer texts are not memoized. */
const MEMO_LENGTH = 45

export type GeoLog = Pick<FastifyBaseLogger, 'info' | 'error'>

/** Looks up a fact about addresses in a file, which is read once `loading` is asked for, and again whenever it changes. */
export class GeoDatabase<V> implements Lookup<V> {
  readonly #file: string
  readonly #name: string
  readonly #factIn: (record: unknown) => V | undefined
  readonly #log: GeoLog
  readonly #memo = new Map<string, V | undefined>()
  #loading: Promise<void> | undefined
  #isLoaded = false
  #find: Find<V> | undefined
  #issue: string | undefined
  /** Identity of the file that was read last, successfully or not. */
  #version = ''
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param name field of `geo` in the config */
  constructor(file: string, name: string, factIn: (record: unknown) => V | undefined, log: GeoLog) {
    this.#file = file
    this.#name = name
    this.#factIn = factIn
    this.#log = log
  }

  get loading(): Promise<void> | undefined {
    if (this.#isLoaded) return undefined
    this.#loading ??= this.#load()
    return this.#loading
  }

  get issue(): string | undefined {
    if (this.#find !== undefined) return undefined
    // security: a rule that cannot be decided must refuse, also while the file is being replaced at the start.
    return this.#issue ?? `geo.${this.#name} in the config: ${this.#file} is being written`
  }

  find(ip: string): V | undefined {
    if (this.#memo.has(ip)) return this.#memo.get(ip)
    const address = normalizeAddress(ip)
    const found = address === undefined ? undefined : this.#find?.(address)
    if (this.#memo.size >= MEMO_ENTRIES) this.#memo.clear()
    if (ip.length <= MEMO_LENGTH) this.#memo.set(ip, found)
    return found
  }

  /** Stops looking at the file. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #load(): Promise<void> {
    await this.#update()
    this.#isLoaded = true
    this.#lookLater()
  }

  #lookLater(): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#update().then(() => this.#lookLater()), INTERVAL)
    this.#timer.unref()
  }

  /** Reads the file if it has changed. Never rejects: while a file cannot be read, the former content stays in use. */
  async #update(): Promise<void> {
    let version = 'missing'
    try {
      version = await versionOf(this.#file)
      if (version === this.#version) return
      const { find, type, built } = await readDatabase(this.#file, this.#factIn)
      // A file that was written to while it was read is read again at the next look.
      if ((await versionOf(this.#file)) !== version) return
      this.#find = find
      this.#memo.clear()
      this.#log.info({ access: { ...this.#source, type, built } }, 'geo database read')
    } catch (error) {
      const { message } = error as Error
      this.#issue = `geo.${this.#name} in the config: ${this.#file} cannot be read: ${message}`
      if (version !== this.#version)
        this.#log.error(
          { access: { ...this.#source, cause: message } },
          'geo database cannot be read'
        )
    }
    this.#version = version
  }

  get #source(): { geo: string; file: string } {
    return { geo: this.#name, file: this.#file }
  }
}

async function versionOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(file, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}
