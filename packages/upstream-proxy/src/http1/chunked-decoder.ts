/** Receives the content of a chunked body. */
export interface ChunkedSink {
  onChunk(chunk: Buffer): void
  /** @param section the trailer lines, each with its CRLF, one character per byte; '' without trailers */
  onTrailers(section: string): void
}

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09
const SEMICOLON = 0x3b
/** Maximum length of the chunk extensions in one line, in bytes. They are skipped. */
const MAX_EXTENSION = 4096
const MAX_TRAILERS = 16 * 1024
/** Maximum number of hexadecimal digits in a chunk size; a longer size would not be exact. */
const MAX_DIGITS = 13

type State =
  | 'size'
  | 'blanks'
  | 'extension'
  | 'size LF'
  | 'data'
  | 'data CR'
  | 'data LF'
  | 'trailers'
  | 'end'

/** Decodes a chunked body (RFC 9112 7.1) strictly: every line ends in CRLF, and a size consists of digits only. */
export class ChunkedDecoder {
  readonly #sink: ChunkedSink
  #state: State = 'size'
  #left = 0
  #digits = 0
  #extension = 0
  #trailers = ''

  constructor(sink: ChunkedSink) {
    this.#sink = sink
  }

  get isAtEnd(): boolean {
    return this.#state === 'end'
  }

  /**
   * Decodes the next bytes.
   *
   * @returns the index after the body's last byte, or `input.length`; a string says what is invalid
   */
  decode(input: Buffer, start: number): number | string {
    let at = start
    while (at < input.length && this.#state !== 'end') {
      if (this.#state === 'data') {
        at = this.#readData(input, at)
      } else if (this.#state === 'trailers') {
        const end = this.#readTrailers(input, at)
        if (typeof end === 'string') return end
        at = end
      } else {
        const mistake = this.#step(input[at] ?? 0)
        if (mistake !== undefined) return mistake
        at++
      }
    }
    return at
  }

  #readData(input: Buffer, at: number): number {
    const end = Math.min(input.length, at + this.#left)
    this.#left -= end - at
    this.#sink.onChunk(input.subarray(at, end))
    if (this.#left === 0) this.#state = 'data CR'
    return end
  }

  /** Reads one byte of the framing between chunks. */
  #step(byte: number): string | undefined {
    if (this.#state === 'size') return this.#readSize(byte)
    if (this.#state === 'blanks') return this.#readBlank(byte)
    if (this.#state === 'extension') return this.#readExtension(byte)
    if (this.#state === 'data CR') {
      this.#state = 'data LF'
      return byte === CR ? undefined : 'a chunk longer than its size'
    }
    if (byte !== LF) return 'a chunk without CRLF'
    if (this.#state === 'data LF') this.#state = 'size'
    else this.#state = this.#left === 0 ? 'trailers' : 'data'
    this.#digits = 0
    this.#extension = 0
    return undefined
  }

  #readSize(byte: number): string | undefined {
    const digit = hexDigit(byte)
    if (digit !== -1) {
      this.#left = this.#left * 16 + digit
      this.#digits++
      return this.#digits > MAX_DIGITS ? 'too large a chunk' : undefined
    }
    if (this.#digits === 0) return 'not a chunk size'
    if (byte === CR) this.#state = 'size LF'
    else if (byte === SEMICOLON) this.#state = 'extension'
    // RFC 9112 7.1.1: blanks before an extension must not be sent, but must be accepted.
    else if (byte === SPACE || byte === TAB) this.#state = 'blanks'
    else return 'not a chunk size'
    return undefined
  }

  /** After blanks, only an extension or the end of the line is valid. security: another parser may read `5 0` as 50. */
  #readBlank(byte: number): string | undefined {
    if (byte === SEMICOLON) this.#state = 'extension'
    else if (byte !== CR && byte !== SPACE && byte !== TAB) return 'not a chunk size'
    return this.#readExtension(byte)
  }

  #readExtension(byte: number): string | undefined {
    if (byte === CR) this.#state = 'size LF'
    else if (byte === LF || byte === 0) return 'not a chunk extension'
    this.#extension++
    return this.#extension > MAX_EXTENSION ? 'too long a chunk extension' : undefined
  }

  #readTrailers(input: Buffer, at: number): number | string {
    const before = this.#trailers.length
    const room = MAX_TRAILERS + 2 - before
    const section = this.#trailers + input.toString('latin1', at, Math.min(input.length, at + room))
    const end = section.startsWith('\r\n') ? 0 : section.indexOf('\r\n\r\n')
    if (end === -1) {
      if (section.length > MAX_TRAILERS) return 'too long a trailer section'
      this.#trailers = section
      return input.length
    }
    this.#state = 'end'
    const length = end === 0 ? 0 : end + 2
    this.#sink.onTrailers(section.slice(0, length))
    return at + length + 2 - before
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
