import type { Publisher } from '@reliw/options'
import type { Keyspace } from '../keyspace.ts'
import type { Counters } from './counters.ts'
import type { Driver } from './driver.ts'
import type { Live, LiveStatistics, Reader, View } from './live.ts'
import type { Sites } from './sites.ts'

/** Told of keys that changed; `undefined`: any may have. */
export type KeyListener = (keys: readonly string[] | undefined) => void

/**
 * The live store, as `openStore` of `@reliw/store` opens it. Reads of `sites` and of views are synchronous when warm
 * and current at every call.
 */
export interface Store {
  /** Of the events. */
  readonly publisher: Publisher
  readonly driver: Driver
  readonly keys: Keyspace
  readonly counters: Counters
  readonly sites: Sites
  readonly statistics: Readonly<LiveStatistics>
  /** Whether the store can be asked now and announces changes. */
  readonly connected: boolean
  /** Settles when the store can be asked for the first time, or after `patience` milliseconds. */
  ready(patience: number): Promise<boolean>
  /**
   * Values made from the store, and from sources of the caller's own, kept until one of these changes.
   *
   * @param load makes the value of a key; all it reads it reads through the reader, which it also tells the
   *   bytes that keeping the value costs
   * @param isGood whether a value stays in force while what is stored now is wrong; by default, any but
   *   `undefined`
   * @param asStale marks a kept value that is served while the store cannot confirm it; by default, it is
   *   served as it is
   */
  view<V>(
    load: (key: string, reader: Reader) => Live<V>,
    isGood?: (value: V) => boolean,
    asStale?: (value: V) => V
  ): View<V>
  /**
   * Tells of changes of keys that begin with `prefix`, which must be tracked ones; `undefined`: any may have
   * changed, as when the store is there for the first time or again. Returns how to stop.
   */
  watch(prefix: string, listener: KeyListener): () => void
  /** Makes what is being loaded depend on something the caller watches, until `changed` names it. */
  dependOn: (reader: Reader, source: string) => void
  changed: (source: string) => void
  /** Drops half of what is kept, what was read longest ago first: memory is short. */
  shrink: () => void
  /** Writes the counters and closes every connection. */
  close(): Promise<void>
}
