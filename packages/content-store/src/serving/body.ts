import { compress } from '../http/variants.ts'
import type { Encoding } from '../http/accept.ts'
import { strongEtag } from '../http/etag.ts'

/** The bytes of a response body, with their entity tag (RFC 9110 8.8.3). */
export interface Variant {
  bytes: Buffer
  etag: string
  /** The bytes with one character each, if there are few: head and body are then sent in one write. */
  text: string | undefined
}

/**
 * Content up to this size, in bytes, is compressed before its first response; larger content is sent uncompressed until
 * its variant is ready.
 */
const WORTH_WAITING = 128 * 1024
/** Larger bodies, in bytes, are written from their buffer, separately from the head. */
const MAX_TEXT = 4096
/** Maximum number of large compressions at the same time: they occupy libuv threads, which also read files. */
const MAX_LARGE = 1

let running = 0

/** Cached content: uncompressed, and in the requested content codings, each made once. */
export class Body {
  readonly identity: Variant
  readonly isCompressible: boolean
  readonly #variants = new Map<Encoding, Variant | 'useless' | Promise<Variant | undefined>>()

  constructor(bytes: Buffer, isCompressible: boolean) {
    this.identity = toVariant(bytes)
    this.isCompressible = isCompressible
  }

  /** The most memory that the content takes in the cache, in bytes, variants included. */
  get weight(): number {
    return this.identity.bytes.length * (this.isCompressible ? 2 : 1) + 500
  }

  /**
   * The variant in a content coding; undefined when it would not be smaller, or is not ready.
   *
   * @param mayMake whether a variant that does not exist yet may be made
   */
  encoded(
    encoding: Encoding,
    mayMake: boolean
  ): Variant | undefined | Promise<Variant | undefined> {
    const known = this.#variants.get(encoding)
    if (known === 'useless') return undefined
    if (known !== undefined) return known instanceof Promise && this.#isLarge ? undefined : known
    if (!mayMake || (this.#isLarge && running >= MAX_LARGE)) return undefined
    const making = this.#make(encoding)
    this.#variants.set(encoding, making)
    return this.#isLarge ? undefined : making
  }

  get #isLarge(): boolean {
    return this.identity.bytes.length > WORTH_WAITING
  }

  async #make(encoding: Encoding): Promise<Variant | undefined> {
    if (this.#isLarge) running++
    try {
      const bytes = await compress(this.identity.bytes, encoding)
      const variant = bytes && toVariant(bytes)
      this.#variants.set(encoding, variant ?? 'useless')
      return variant
    } catch {
      this.#variants.set(encoding, 'useless')
      return undefined
    } finally {
      if (this.#isLarge) running--
    }
  }
}

function toVariant(bytes: Buffer): Variant {
  const text = bytes.length <= MAX_TEXT ? bytes.toString('latin1') : undefined
  return { bytes, etag: strongEtag(bytes), text }
}
