import type { ByteReader } from './byte-reader.ts'
import { framingOf, parseHeader, readBody, type Framing, type HeaderList } from './request-body.ts'

const MAX_BODY = 64 * 1024 * 1024
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7E\x80-\xFF]+) HTTP\/1\.[01]$/

/** A request as an origin got it. */
export class ReceivedRequest {
  /** Every byte through the empty line, as latin1. */
  readonly head: string
  readonly method: string
  /** Path and query, or whatever else was asked for. */
  readonly target: string
  readonly headers: HeaderList
  /** Which connection of the origin it came on; the first is 0. */
  readonly connection: number
  /** The body without framing: its first 64 MiB. Rejects when it is malformed or breaks off. */
  readonly body: Promise<Buffer>
  readonly #framing: Framing
  readonly #reader: ByteReader
  readonly #bodyStart: number
  #bodyEnd: number | undefined
  #bodyLength = 0
  #trailers: HeaderList = []

  /**
   * Begins to read the body.
   *
   * @throws Error when `head` is not strictly what RFC 9112 (2.1) says
   */
  constructor(head: string, connection: number, reader: ByteReader) {
    const [line = '', ...lines] = head.slice(0, -4).split('\r\n')
    const [, method = '', target] = REQUEST_LINE.exec(line) ?? []
    if (target === undefined) throw new Error(`not a request line: ${JSON.stringify(line)}`)
    this.head = head
    this.method = method
    this.target = target
    this.headers = lines.map(parseHeader)
    this.connection = connection
    this.#framing = framingOf(this.headers)
    this.#reader = reader
    this.#bodyStart = reader.position
    this.body = this.#readBody()
    // Most tests do not ask for it.
    this.body.catch(() => undefined)
  }

  /** What came of the body so far, chunk sizes and all; as far as the connection is recorded. */
  get rawBody(): Buffer {
    return this.#reader.record.subarray(this.#bodyStart, this.#bodyEnd ?? this.#reader.position)
  }

  /** How many bytes of the body came so far, without framing. */
  get bodyLength(): number {
    return this.#bodyLength
  }

  /** What followed a chunked body, once it has come. */
  get trailers(): HeaderList {
    return this.#trailers
  }

  /** All values of a header, joined by commas. The case of `name` does not matter. */
  header(name: string): string | undefined {
    const values = this.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase())
    return values.length === 0 ? undefined : values.map(([, value]) => value).join(', ')
  }

  /**
   * Makes the connection the test's own, as after a 101: it is recorded, but not parsed any more.
   * Listen to it at once.
   *
   * @returns what came after this request
   */
  detach(): Buffer {
    return this.#reader.detach()
  }

  async #readBody(): Promise<Buffer> {
    const kept: Buffer[] = []
    try {
      this.#trailers = await readBody(this.#reader, this.#framing, (data) => {
        this.#bodyLength += data.length
        if (this.#bodyLength <= MAX_BODY) kept.push(data)
      })
      return Buffer.concat(kept)
    } finally {
      this.#bodyEnd = this.#reader.position
    }
  }
}
