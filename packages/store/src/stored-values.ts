import { type Driver, InvalidValue, type Reader } from '@reliw/model'
import type { LoadReader } from './live/view.ts'

export interface StoredValuesParts {
  driver: Driver
  dependOn: (reader: Reader, source: string) => void
  /** Called with each invalid value, each time one is read. */
  rejected: (error: InvalidValue) => void
}

type Decode<V> = (key: string, raw: Buffer) => V | Promise<V>

/** Estimated memory of a decoded JSON value, in bytes per byte of its text. */
export const DECODED = 4
/** Separates key and field in the key of a view; occurs in no key of the store. */
export const FIELD = '\n'

/** Reads and decodes stored values for views, and reports invalid ones. */
export class StoredValues {
  readonly #parts: StoredValuesParts

  constructor(parts: StoredValuesParts) {
    this.#parts = parts
  }

  /** The value of a string key. The value of the view is the former one if the stored bytes are the same. */
  async value<V>(
    key: string,
    decode: Decode<V>,
    reader: LoadReader<V | undefined>
  ): Promise<V | undefined> {
    this.#parts.dependOn(reader, key)
    const raw = await this.read(async (driver) => driver.get(key))
    return raw && this.#sameOrDecoded(key, decode, raw, reader)
  }

  /** The value of a field of a hash. */
  async field<V>(
    name: string,
    decode: Decode<V>,
    reader: LoadReader<V | undefined>
  ): Promise<V | undefined> {
    const [key = '', field = ''] = name.split(FIELD)
    this.#parts.dependOn(reader, key)
    const raw = await this.read(async (driver) => driver.hashField(key, field))
    return raw && this.#sameOrDecoded(`${key} ${field}`, decode, raw, reader)
  }

  async #sameOrDecoded<V>(
    key: string,
    decode: Decode<V>,
    raw: Buffer,
    reader: LoadReader<V | undefined>
  ): Promise<V> {
    reader.weigh(DECODED * raw.length)
    return reader.decodedFrom(raw) ?? this.decoded(key, async () => decode(key, raw))
  }

  /** Reads from the driver and reports an invalid value, such as a key of another type. */
  async read<V>(read: (driver: Driver) => Promise<V>): Promise<V> {
    try {
      return await read(this.#parts.driver)
    } catch (error) {
      if (error instanceof InvalidValue) this.#parts.rejected(error)
      throw error
    }
  }

  /** Decodes a value; an error counts as an invalid value. */
  async decoded<V>(key: string, decode: () => V | Promise<V>): Promise<V> {
    try {
      return await decode()
    } catch (cause) {
      const error = cause instanceof InvalidValue ? cause : new InvalidValue(key, String(cause))
      this.#parts.rejected(error)
      throw error
    }
  }
}
