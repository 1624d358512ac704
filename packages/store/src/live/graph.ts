import type { LiveStatistics } from '@reliw/model'
import type { LiveNode } from './node.ts'
import { Source } from './node.ts'

/**
 * What is kept in this process, and what it was made from. Values are made by views; a change of a source
 * makes everything that was made from it stale, at any depth. Bounded by bytes: values that were not read
 * since the last sweep go first (second chance), and what was made from them goes along.
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
  /** Rises when everything kept becomes suspect. */
  epoch = 0
  /** Since when everything kept is suspect, in epoch milliseconds. */
  suspectSince = 0
  /** Whether the store can answer and tells of changes. */
  connected = false

  readonly #maxBytes: number
  readonly #sources = new Map<string, Source>()
  readonly #nodes = new Set<LiveNode>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The source of that name; it exists from the first time that somebody depends on it. */
  source(name: string): Source {
    let source = this.#sources.get(name)
    if (source === undefined) this.#sources.set(name, (source = new Source(name)))
    return source
  }

  /** A source changed: nothing made from it is fresh any more, and no load that has read it is kept. */
  changed(name: string): void {
    const source = this.#sources.get(name)
    if (source === undefined) return
    this.#sources.delete(name)
    this.#spoil(source)
  }

  /** Nothing kept is known to be current any more: each value is checked before its next use. */
  suspect(): void {
    this.epoch++
    this.suspectSince = Date.now()
    for (const node of this.#nodes) node.load = undefined
  }

  add(node: LiveNode): void {
    this.#nodes.add(node)
    this.statistics.nodes++
  }

  /** Takes note of a node's size and, past the bound, drops what was used least. */
  resize(node: LiveNode, bytes: number): void {
    if (!this.#nodes.has(node)) return
    this.statistics.bytes += bytes - node.bytes
    node.bytes = bytes
    if (this.statistics.bytes > this.#maxBytes) this.#evict(this.#maxBytes * 0.9)
  }

  /** Drops half of what is kept. */
  shrink(): void {
    this.#evict(this.statistics.bytes / 2)
  }

  /** Forgets a source that nothing was made from after all. */
  prune(source: Source): void {
    const { name, dependents } = source
    if (name === undefined || dependents?.size || this.#sources.get(name) !== source) return
    this.#sources.delete(name)
  }

  /** Forgets a node and all that was made from it. */
  remove(node: LiveNode): void {
    if (!this.#nodes.delete(node)) return
    this.statistics.nodes--
    this.statistics.bytes -= node.bytes
    node.load = undefined
    node.drop()
    for (const dependent of node.dependents ?? []) this.remove(dependent)
    this.release(node)
  }

  /** Cuts a node off from its sources, and forgets those that nobody else was made from. */
  release(node: LiveNode): void {
    for (const source of node.sources) {
      source.dependents?.delete(node)
      this.prune(source)
    }
    node.sources = []
  }

  #spoil(source: Source): void {
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
      this.#spoil(node)
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
