/** The client and path of a failed request: the origin may be healthy for all others. */
export interface FailureSource {
  /** The client's address or its address block. */
  readonly client: string
  /** Without the query string. security: varying that costs a client nothing. */
  readonly path: string
}

/** Number of counters for clients, and for paths. security: names chosen by clients never become keys. */
const SLOTS = 64
/** The largest part of the failure threshold that one client or one path can contribute. */
const PART = 1 / 4

/**
 * The maximum number of failures counted for one client or one path when `threshold` failures are needed; at least 1.
 */
export function mostOfOne(threshold: number): number {
  return Math.ceil(threshold * PART)
}

/** Counts failures, in total and by client and path. Takes 512 bytes, whatever requests arrive. */
export class FailureTally {
  #count = 0
  readonly #clients = new Uint32Array(SLOTS)
  readonly #paths = new Uint32Array(SLOTS)

  get count(): number {
    return this.#count
  }

  /** The number of failures of this client or of this path, whichever is larger. Others may share the counter. */
  countOf({ client, path }: FailureSource): number {
    return Math.max(this.#clients[slotOf(client)] ?? 0, this.#paths[slotOf(path)] ?? 0)
  }

  /** @param source undefined when any request would have failed */
  add(source: FailureSource | undefined): void {
    this.#count++
    if (source === undefined) return
    increase(this.#clients, slotOf(source.client))
    increase(this.#paths, slotOf(source.path))
  }

  clear(): void {
    if (this.#count === 0) return
    this.#count = 0
    this.#clients.fill(0)
    this.#paths.fill(0)
  }
}

function increase(counts: Uint32Array, slot: number): void {
  counts[slot] = (counts[slot] ?? 0) + 1
}

/** FNV-1a. */
function slotOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return (hash ^ (hash >>> 16)) & (SLOTS - 1)
}
