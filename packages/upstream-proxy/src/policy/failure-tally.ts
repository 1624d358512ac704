/** Whose request failed, and what it asked for: an origin may be well for all others. */
export interface FailureSource {
  /** The client's address, or its block of addresses. */
  readonly client: string
  /** Without the query string, which costs a client nothing to vary. */
  readonly path: string
}

/** Clients and paths that are told apart; what they are called never becomes a key. */
const SLOTS = 64
/** One client, or one path, makes up no more than this part of what has to fail. */
const PART = 1 / 4

/** The most failures that count of one client, or of one path, where it takes `threshold` of them; at least 1. */
export function mostOfOne(threshold: number): number {
  return Math.ceil(threshold * PART)
}

/** Counts failures, and how many of them were of one client or one path. In 512 bytes, whatever comes. */
export class FailureTally {
  #count = 0
  readonly #clients = new Uint32Array(SLOTS)
  readonly #paths = new Uint32Array(SLOTS)

  get count(): number {
    return this.#count
  }

  /** How many were of this client or of this path, whichever is more. Others may fall into the same slot. */
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
