import type { LiveStatistics } from '@reliw/model'
import type { LiveNode } from './node.ts'
import { Source } from './node.ts'

/**
 * The cached values of this process and their sources. Views make the values; a change of a source invalidates
 * everything made from it, at any depth. Bounded by bytes: values not read since the last sweep are evicted first
 * (second chance), together with everything made from them.
 */
export class LiveGraph {
  readonly statistics: LiveStatistics = {
    bytes: 0,
    nodes: 0,
    hits: 0,
    misses: 0,
    invalidations: 0,
    evictions: 0,
    staleServed: 0
  }
  /** Incremented whenever every cached value becomes suspect. */
  epoch = 0
  /** When every cached value last became suspect, in epoch milliseconds. */
  suspectSince = 0
  /** Whether the store is available and announces changes. */
  connected = false

  readonly #maxBytes: number
  readonly #sources = new Map<string, Source>()
  readonly #nodes = new Set<LiveNode>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The source of that name; created on first use. */
  source(name: string): Source {
    let source = this.#sources.get(name)
    if (source === undefined) this.#sources.set(name, (source = new Source(name)))
    return source
  }

  /** Invalidates everything made from a source that changed; loads that have read it will not be cached. */
  changed(name: string): void {
    const source = this.#sources.get(name)
    if (source === undefined) return
    this.#sources.delete(name)
    this.#invalidate(source)
  }

  /**
   * Marks every cached value as suspect: its next use loads it again or, while the store is unavailable, counts as
   * stale.
   */
  suspect(): void {
    this.epoch++
    this.suspectSince = Date.now()
    for (const node of this.#nodes) node.load = undefined
  }

  add(node: LiveNode): void {
    this.#nodes.add(node)
    this.statistics.nodes++
  }

  /** Updates the size of a node and, past the bound, evicts nodes. */
  resize(node: LiveNode, bytes: number): void {
    if (!this.#nodes.has(node)) return
    this.statistics.bytes += bytes - node.bytes
    node.bytes = bytes
    if (this.statistics.bytes > this.#maxBytes) this.#evict(this.#maxBytes * 0.9)
  }

  /** Evicts half of the cached bytes. */
  shrink(): void {
    this.#evict(this.statistics.bytes / 2)
  }

  /** Removes a source that has no dependents. */
  prune(source: Source): void {
    const { name, dependents } = source
    if (name === undefined || dependents?.size || this.#sources.get(name) !== source) return
    this.#sources.delete(name)
  }

  /** Removes a node and everything made from it. */
  remove(node: LiveNode): void {
    if (!this.#nodes.delete(node)) return
    this.statistics.nodes--
    this.statistics.bytes -= node.bytes
    node.load = undefined
    node.drop()
    for (const dependent of node.dependents ?? []) this.remove(dependent)
    this.release(node)
  }

  /** Detaches a node from its sources, and removes sources without other dependents. */
  release(node: LiveNode): void {
    for (const source of node.sources) {
      source.dependents?.delete(node)
      this.prune(source)
    }
    node.sources = []
  }

  #invalidate(source: Source): void {
    const { dependents } = source
    if (dependents === undefined) return
    source.dependents = undefined
    const now = Date.now()
    for (const node of dependents) {
      if (node.fresh) {
        node.fresh = false
        node.staleSince = now
        this.statistics.invalidations++
      }
      node.load = undefined
      this.release(node)
      this.#invalidate(node)
    }
  }

  #evict(target: number): void {
    for (const node of this.#nodes) {
      if (this.statistics.bytes <= target) break
      if (node.used) {
        node.used = false
        this.#nodes.delete(node)
        this.#nodes.add(node)
        continue
      }
      this.statistics.evictions++
      this.remove(node)
    }
  }
}
