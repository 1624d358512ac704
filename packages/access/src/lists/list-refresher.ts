import { hash } from 'node:crypto'
import { accessEvents, type ListFetchedEvent } from '@reliw/http'
import {
  type AddressListSource,
  ANY_HOST,
  type FetchedList,
  type Live,
  type Store
} from '@reliw/model'
import { guardPromise, type Publisher } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'
import { fetchList } from './fetch-list.ts'
import { ListNames } from './list-names.ts'
import { parseList } from './parse-list.ts'

/** Time between two looks at which lists are due, in milliseconds. */
const TICK = 30_000
/** Time until a list may be fetched by another server when the server that fetches it has died, in milliseconds. */
const LEASE = 120_000
/** Time until a failed fetch is repeated, in milliseconds, unless the list's own interval is shorter. */
const RETRY = 300_000
/** Lists that are fetched at the same time. */
const PARALLEL = 4

type Log = Pick<FastifyBaseLogger, 'info' | 'warn' | 'debug'>

/**
 * Fetches the lists that have a URL, and stores their content for all servers. A key that expires when the list is due
 * is the lease: the server that creates it makes the fetch. No request waits for any of this.
 */
export class ListRefresher {
  readonly #store: Store
  readonly #publisher: Publisher
  readonly #log: Log
  readonly #tick: number
  readonly #names: ListNames
  readonly #end = new AbortController()
  #stop: (() => void) | undefined
  #working: Promise<void> | undefined
  #isWanted = false
  #timer: NodeJS.Timeout | undefined

  /** @param tick time between two looks, in milliseconds */
  constructor(store: Store, publisher: Publisher, log: Log, tick = TICK) {
    this.#store = store
    this.#publisher = publisher
    this.#log = log
    this.#tick = tick
    this.#names = new ListNames(store)
  }

  start(): void {
    this.#stop = this.#store.watch(this.#store.keys.list(), (keys) => {
      this.#names.note(keys)
      this.#look()
    })
  }

  async close(): Promise<void> {
    this.#end.abort()
    this.#stop?.()
    clearTimeout(this.#timer)
    await this.#working
  }

  #look(): void {
    this.#isWanted = true
    if (this.#end.signal.aborted || this.#working !== undefined) return
    this.#working = this.#work()
    guardPromise(this.#working, (err) => this.#log.warn({ err }, 'lists could not be refreshed'))
  }

  async #work(): Promise<void> {
    try {
      while (this.#isWanted && !this.#end.signal.aborted) {
        this.#isWanted = false
        await this.#refreshAll()
      }
    } catch (err) {
      // The store is unavailable, and logs that itself.
      this.#log.debug({ err }, 'lists could not be read')
    } finally {
      this.#working = undefined
      this.#lookLater()
    }
  }

  #lookLater(): void {
    clearTimeout(this.#timer)
    if (this.#end.signal.aborted) return
    this.#timer = setTimeout(() => this.#look(), this.#tick).unref()
  }

  async #refreshAll(): Promise<void> {
    const names = (await this.#names.read()).values()
    const work = async (): Promise<void> => {
      for (const name of names) {
        if (this.#end.signal.aborted) return
        await this.#refresh(name).catch((err: unknown) =>
          this.#log.debug({ access: { list: name }, err }, 'list could not be read')
        )
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
  }

  async #refresh(name: string): Promise<void> {
    const { driver, keys, sites } = this.#store
    const source = await sites.listSource(name)
    if (source === undefined) return this.#forget(name)
    const { url } = source
    if (url === undefined) return
    const lease = keys.limit(ANY_HOST, '@list', `${name}:${definitionOf(source)}`)
    if ((await driver.type(lease)) !== undefined) return
    const [holders] = await driver.increment([{ key: lease, by: 1, ttl: LEASE }])
    if (holders !== 1) return
    try {
      const result = await this.#fetch(name, { ...source, url })
      await driver.write([{ op: 'expire', key: lease, ttl: source.interval }])
      this.#publish(name, result)
    } catch (error) {
      if (this.#end.signal.aborted) return driver.write([{ op: 'delete', key: lease }])
      this.#log.warn(
        { access: { list: name, cause: (error as Error).message } },
        'list could not be fetched: its former content stays in force'
      )
      this.#publish(name, 'failed')
      const retry = Math.min(RETRY, source.interval)
      await driver.write([{ op: 'expire', key: lease, ttl: retry }])
    }
  }

  async #fetch(
    name: string,
    source: AddressListSource & { url: string }
  ): Promise<'changed' | 'unchanged'> {
    const { driver, keys, sites } = this.#store
    const { url, field } = source
    const stored = await storedFor(source, () => sites.fetchedList(name))
    const document = await fetchList(url, stored ?? {}, this.#end.signal)
    if (document === undefined) {
      if (stored === undefined) throw new Error('the status is 304, although nothing is stored')
      return 'unchanged'
    }
    const { text, etag, last_modified } = document
    const blocks = await parseList(text, field)
    const addresses = blocks.join('\n')
    const isSame =
      stored?.digest === hash('sha256', addresses) &&
      stored.etag === etag &&
      stored.last_modified === last_modified
    if (isSame) return 'unchanged'
    const value = { url, field, fetched: Date.now(), etag, last_modified, addresses }
    // The list may have been changed or deleted meanwhile.
    const current = await sites.listSource(name)
    if (current === undefined || definitionOf(current) !== definitionOf(source)) return 'unchanged'
    await driver.write([{ op: 'set', key: keys.fetched(name), value: JSON.stringify(value) }])
    this.#log.info({ access: { list: name, addresses: blocks.length } }, 'list fetched')
    return 'changed'
  }

  /** Deletes the content of a list that was deleted. */
  async #forget(name: string): Promise<void> {
    const { driver, keys } = this.#store
    const key = keys.fetched(name)
    if ((await driver.type(key)) !== undefined) await driver.write([{ op: 'delete', key }])
    this.#names.delete(name)
  }

  #publish(list: string, result: ListFetchedEvent['result']): void {
    const { fetched } = accessEvents
    if (fetched.hasSubscribers) fetched.publish({ publisher: this.#publisher, list, result })
  }
}

/** What was fetched before by the same definition; undefined where that is nothing, or cannot be read. */
async function storedFor(
  { url, field }: AddressListSource,
  read: () => Live<FetchedList | undefined>
): Promise<FetchedList | undefined> {
  try {
    const found = await read()
    return found?.url === url && found?.field === field ? found : undefined
  } catch {
    return undefined
  }
}

/** Identifies what is fetched: a changed list is due at once. */
function definitionOf({ url, field, interval }: AddressListSource): string {
  return hash('sha256', JSON.stringify([url, field, interval]), 'base64url').slice(0, 22)
}
