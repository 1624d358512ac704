import type { Publisher } from '@reliw/options'
import type { Keyspace } from '../keyspace.ts'
import type { Counters } from './counters.ts'
import type { Driver } from './driver.ts'
import type { Live, LiveStatistics, Reader, View } from './live.ts'
import type { Sites } from './sites.ts'

/** Called with the keys that changed; `undefined`: any key may have changed. */
export type KeyListener = (keys: readonly string[] | undefined) => void

/**
 * The live store, as opened by `openStore` of `@reliw/store`. Reads of `sites` and of views are synchronous when
 * cached, and current at every call.
 */
export interface Store {
  /** Publisher of the store's events. */
  readonly publisher: Publisher
  readonly driver: Driver
  readonly keys: Keyspace
  readonly counters: Counters
  readonly sites: Sites
  readonly statistics: Readonly<LiveStatistics>
  /** Whether the store is available now and announces changes. */
  readonly connected: boolean
  /**
   * Resolves when the store is first available, when it is closed, or after `patience` milliseconds: whether it is
   * available then.
   */
  ready(patience: number): Promise<boolean>
  /**
   * Values made from the store and from the caller's own sources, each cached until one of its sources changes.
   *
   * @param load makes the value of a key; must read everything through the reader, and report the bytes of the cached
   *   value to it
   * @param isGood whether a value stays in force while the stored data is invalid; by default any value but `undefined`
   * @param asStale marks a cached value that is served while the store cannot confirm it; by default it is served
   *   unchanged
   */
  view<V>(
    load: (key: string, reader: Reader) => Live<V>,
    isGood?: (value: V) => boolean,
    asStale?: (value: V) => V
  ): View<V>
  /**
   * Reports changes of keys that begin with `prefix`, which must be tracked keys; `undefined`: any key may have
   * changed, as when the store becomes available. Returns a function that removes the listener.
   */
  watch(prefix: string, listener: KeyListener): () => void
  /** Makes the value being loaded depend on a source that the caller watches, until `changed` names that source. */
  dependOn: (reader: Reader, source: string) => void
  changed: (source: string) => void
  /** Evicts half of the cached bytes, values that were not read recently first; for when memory is short. */
  shrink: () => void
  /** Writes the counters and closes every connection. */
  close(): Promise<void>
}
