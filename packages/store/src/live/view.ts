import { hash } from 'node:crypto'
import { type Live, type Reader, StoreUnavailable, type View } from '@reliw/model'
import type { LiveGraph } from './graph.ts'
import { type Load, LiveNode, type Source } from './node.ts'

/** The reader of a load, which tells the graph the sources of the value. */
export interface LoadReader<V = unknown> extends Reader {
  /** Records a source, before it is read. */
  dependOn(source: Source): void
  /**
   * The last value, if it was decoded from the same bytes. A load that depends on nothing else must return it: what was
   * compiled from the value then stays in use.
   */
  decodedFrom(raw: Buffer): V | undefined
}

export interface ViewOptions<V> {
  /** Makes the value of a key. Must read everything through `reader`. May throw: see `isRejection`. */
  load: (key: string, reader: LoadReader<V>) => Live<V>
  /**
   * Whether stored data caused the error of a load. The last good value then stays in force; without one the error is
   * cached.
   */
  isRejection: (error: unknown) => error is Error
  /** Whether a cached value may stay in force while the stored data is invalid. */
  isGood: (value: V) => boolean
  /** The value to serve for a cached one that the store cannot confirm. */
  asStale: (value: V) => V
  /** How long a cached value may be served while the store cannot confirm it, in milliseconds. */
  staleIfError: number
  /** Checks for changes before a cached value is used, for a driver that does not announce them. */
  poll: (() => void) | undefined
}

/** Measured cost of a node besides its value, in bytes: the object, its map entries, its key. */
const NODE_BYTES = 400
/** Cost of a source without other dependents, in bytes: the object, its name, a set. */
const SOURCE_BYTES = 350
/** Cost of a digest, in bytes. */
const DIGEST_BYTES = 64

/** Values made from sources on demand, each cached until one of its sources changes. */
export class LiveView<V> implements View<V> {
  readonly #graph: LiveGraph
  readonly #options: ViewOptions<V>
  readonly #nodes = new Map<string, LiveNode<V>>()

  constructor(graph: LiveGraph, options: ViewOptions<V>) {
    this.#graph = graph
    this.#options = options
  }

  get(key: string, reader?: LoadReader): Live<V> {
    this.#options.poll?.()
    let node = this.#nodes.get(key)
    if (node === undefined) node = this.#add(key)
    reader?.dependOn(node)
    if (node.fresh && node.epoch === this.#graph.epoch) {
      node.used = true
      this.#graph.statistics.hits++
      if (node.error !== undefined) throw node.error
      return node.value as V
    }
    if (!this.#graph.connected) {
      reader?.doubt()
      return this.#stale(node, undefined)
    }
    const promise = (node.load ?? this.#load(key, node)).promise as Promise<V>
    return reader === undefined ? promise : this.#doubtful(promise, node, reader)
  }

  async #doubtful(promise: Promise<V>, node: LiveNode<V>, reader: LoadReader): Promise<V> {
    const value = await promise
    if (!node.fresh) reader.doubt()
    return value
  }

  #add(key: string): LiveNode<V> {
    const node = new LiveNode<V>(() => this.#nodes.delete(key))
    this.#nodes.set(key, node)
    this.#graph.add(node)
    this.#graph.resize(node, NODE_BYTES + 2 * key.length)
    return node
  }

  #load(key: string, node: LiveNode<V>): Load {
    const load: Load = { promise: undefined }
    node.load = load
    node.used = node.filled
    this.#graph.statistics.misses++
    this.#graph.release(node)
    load.promise = this.#run(key, node, load)
    return load
  }

  async #run(key: string, node: LiveNode<V>, load: Load): Promise<V> {
    const isCurrent = (): boolean => node.load === load
    let isSure = true
    let bytes = NODE_BYTES + 2 * key.length
    let digest: string | undefined
    const reader: LoadReader<V> = {
      dependOn: (source) => {
        bytes += SOURCE_BYTES + (source.name?.length ?? 0)
        if (isCurrent()) node.dependOn(source)
        // security: no node would release this source later, and clients may choose its name: memory would fill up.
        else this.#graph.prune(source)
      },
      weigh: (more) => {
        bytes += more
      },
      doubt: () => {
        isSure = false
      },
      decodedFrom: (raw) => {
        bytes += DIGEST_BYTES
        digest = hash('sha256', raw, 'base64url')
        return node.digest === digest ? node.value : undefined
      }
    }
    const { epoch } = this.#graph
    try {
      const value = await this.#options.load(key, reader)
      if (isSure && isCurrent()) {
        node.digest = digest
        this.#cache(node, epoch, value, bytes)
      }
      return value
    } catch (error) {
      if (this.#options.isRejection(error)) return this.#reject(node, isCurrent(), epoch, error)
      if (error instanceof StoreUnavailable) return this.#stale(node, error)
      throw error
    } finally {
      if (isCurrent()) {
        node.load = undefined
        // security: otherwise each key that clients make up would leave an empty node.
        if (!node.filled && !node.fresh && !node.dependents?.size) this.#graph.remove(node)
      }
    }
  }

  #cache(node: LiveNode<V>, epoch: number, value: V, bytes: number): void {
    node.value = value
    node.error = undefined
    node.filled = true
    this.#settle(node, epoch)
    this.#graph.resize(node, bytes)
  }

  /** Handles invalid stored data: the last good value stays in force; without one the error is cached. */
  #reject(node: LiveNode<V>, current: boolean, epoch: number, error: Error): V {
    const staysInForce = node.filled && this.#options.isGood(node.value as V)
    if (current) {
      node.filled = staysInForce
      node.error = staysInForce ? undefined : error
      this.#settle(node, epoch)
    }
    if (!staysInForce) throw error
    return node.value as V
  }

  #settle(node: LiveNode<V>, epoch: number): void {
    node.fresh = true
    node.epoch = epoch
    node.staleSince = 0
  }

  /**
   * Returns the cached value that the store cannot confirm, unless it has been stale for too long.
   * @throws `cause`, or StoreUnavailable, if there is no such value
   */
  #stale(node: LiveNode<V>, cause: Error | undefined): V {
    const since = node.staleSince || this.#graph.suspectSince
    if (node.filled && Date.now() - since <= this.#options.staleIfError) {
      node.used = true
      this.#graph.statistics.staleServed++
      return this.#options.asStale(node.value as V)
    }
    throw cause ?? new StoreUnavailable()
  }
}
