import {
  InvalidValue,
  Keyspace,
  type Reader,
  type Store,
  storeEvents,
  type View
} from '@reliw/model'
import { guarded, parseOptions, Publisher } from '@reliw/options'
import { BufferedCounters } from './counters.ts'
import type { DriverEvents } from './driver-events.ts'
import { defaultMemory } from './live/default-memory.ts'
import { LiveGraph } from './live/graph.ts'
import { LiveView, type LoadReader, type ViewOptions } from './live/view.ts'
import { SiteNames } from './names/site-names.ts'
import { openDriver } from './open-driver.ts'
import { StoreOptions } from './options.ts'
import { StoredSites } from './sites.ts'
import { timeDriver } from './timed-driver.ts'
import { Watchers } from './watchers.ts'

/** Receives log messages for the operator; a pino logger fits. */
export interface StoreLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Options that the calling code sets, not the operator. */
export interface StoreUse {
  /**
   * Whether each write of values to an embedded store first checks for free disk space, so that a write on a full disk
   * fails without output: LMDB would print lines of its own to stderr. Meant for commands; in a server it costs a file
   * per write. Default: false.
   */
  probesDisk?: boolean
}

/**
 * Largest number of values that are remembered because their settings without effect have been logged; beyond that all
 * are forgotten, and logged once more.
 */
const MAX_LOGGED = 1000

/**
 * Opens the store that the options select, and loads only its driver. Never waits for Redis and never fails because it
 * is unavailable: reads reject with StoreUnavailable until Redis responds.
 *
 * @throws InvalidOptions, or CannotOpen for an embedded store
 */
export async function openStore(
  options: StoreOptions,
  log: StoreLog = silent,
  { probesDisk = false }: StoreUse = {}
): Promise<Store> {
  const settings = parseOptions('@reliw/store', StoreOptions, options)
  const keys = new Keyspace(settings.redis?.prefix ?? 'RLW')
  const graph = new LiveGraph(settings.memory ?? defaultMemory())
  const first = Promise.withResolvers<boolean>()
  const watchers = new Watchers()
  // The driver may report before it has been opened.
  let names: SiteNames | undefined = undefined
  const events: DriverEvents = {
    changed(changed) {
      if (changed === undefined) graph.suspect()
      else for (const key of changed) graph.changed(key)
      names?.notice(changed)
      watchers.notify(changed)
    },
    connected() {
      graph.suspect()
      graph.connected = true
      names?.notice(undefined)
      watchers.notify(undefined)
      first.resolve(true)
      log.info({ store: { driver: settings.redis ? 'redis' : 'embedded' } }, 'store connected')
    },
    disconnected(cause) {
      graph.connected = false
      graph.suspect()
      log.error({ store: { cause: cause.message } }, 'store lost')
    },
    warned: (message, cause) => log.warn({ store: { cause: String(cause) } }, message)
  }
  const publisher = new Publisher()
  const driver = timeDriver(await openDriver(settings, keys, events, probesDisk), publisher)
  const counters = new BufferedCounters({
    driver,
    interval: settings.flush_interval,
    isConnected: () => graph.connected,
    warned: (message, fields) => log.warn({ store: fields }, message)
  })

  function view<V>(
    load: ViewOptions<V>['load'],
    isGood: (value: V) => boolean = isPresent,
    asStale: (value: V) => V = unchanged
  ): View<V> {
    const { stale_if_error: staleIfError } = settings
    const { poll } = driver
    return new LiveView(graph, { load, isGood, asStale, staleIfError, isRejection, poll })
  }
  function strictView<V>(load: ViewOptions<V>['load']): View<V> {
    return new LiveView(graph, {
      load,
      isGood: never,
      asStale: unchanged,
      staleIfError: -1,
      isRejection,
      poll: driver.poll
    })
  }
  const dependOn = (reader: Reader, source: string): void =>
    (reader as LoadReader).dependOn(graph.source(source))
  names = new SiteNames({
    driver,
    keys,
    view,
    dependOn,
    changed: (source) => graph.changed(source),
    failed: guarded(
      (cause: unknown) => log.warn({ store: { cause: String(cause) } }, 'aliases not readable'),
      nothing
    )
  })
  const sites = new StoredSites({
    driver,
    keys,
    names,
    view,
    strictView,
    dependOn,
    rejected: reject,
    idle
  })
  const loggedIssues = new Map<string, string>()

  function reject({ key, issue }: InvalidValue): void {
    log.error({ store: { key, mistake: issue } }, 'stored value rejected')
    if (!storeEvents.rejected.hasSubscribers) return
    storeEvents.rejected.publish({ publisher, key, family: keys.familyOf(key) })
  }

  /** Logs settings without effect once per value, which is read again and again. */
  function idle(key: string, issues: readonly string[]): void {
    const issue = issues.join('; ')
    if (issue === '') return void loggedIssues.delete(key)
    if (loggedIssues.get(key) === issue) return
    if (loggedIssues.size >= MAX_LOGGED) loggedIssues.clear()
    loggedIssues.set(key, issue)
    log.warn({ store: { key, mistake: issue } }, 'stored value has settings without effect')
  }

  return {
    publisher,
    driver,
    keys,
    counters,
    sites,
    statistics: graph.statistics,
    get connected() {
      return graph.connected
    },
    async ready(patience) {
      const timer = setTimeout(() => first.resolve(false), patience)
      await first.promise
      clearTimeout(timer)
      return graph.connected
    },
    view,
    watch(prefix, listener) {
      const stop = watchers.add(prefix, listener)
      if (graph.connected) listener(undefined)
      return stop
    },
    dependOn,
    changed: (source) => graph.changed(source),
    shrink: () => graph.shrink(),
    async close() {
      first.resolve(false)
      names?.close()
      await counters.close()
      await driver.close()
    }
  }
}

function isRejection(error: unknown): error is Error {
  return error instanceof InvalidValue
}

function isPresent(value: unknown): boolean {
  return value !== undefined
}

function unchanged<V>(value: V): V {
  return value
}

const never = (): boolean => false
const nothing = (): void => undefined
const silent: StoreLog = { info: nothing, warn: nothing, error: nothing }
