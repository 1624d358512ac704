import { compress } from '../http/variants.ts'
import type { Encoding } from '../http/accept.ts'
import { strongEtag } from '../http/etag.ts'

/** The bytes of an answer, with the tag that names exactly these (RFC 9110 8.8.3). */
export interface Variant {
  bytes: Buffer
  etag: string
  /** The bytes as one character each, when there are few: head and body then leave in one write. */
  text: string | undefined
}

/** Content up to this size is compressed before its first answer; larger content meanwhile goes as it is. */
const WORTH_WAITING = 128 * 1024
/** Larger bodies are written from their buffer, beside the head. */
const MAX_TEXT = 4096
/** Large compressions at a time: they occupy threads that files are read with. */
const MAX_LARGE = 1

let running = 0

/** Kept content: as it is, and in the content codings that were asked for, each made once. */
export class Body {
  readonly identity: Variant
  readonly isCompressible: boolean
  readonly #variants = new Map<Encoding, Variant | 'useless' | Promise<Variant | undefined>>()

  constructor(bytes: Buffer, isCompressible: boolean) {
    this.identity = toVariant(bytes)
    this.isCompressible = isCompressible
  }

  /** What keeping it costs at most, in bytes, its variants included. */
  get weight(): number {
    return this.identity.bytes.length * (this.isCompressible ? 2 : 1) + 500
  }

  /**
   * The variant in a coding; `undefined` where there is none that is smaller, or none yet.
   *
   * @param mayMake whether it is made now if it has not been before
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
