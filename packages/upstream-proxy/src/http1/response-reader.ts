import { ChunkedDecoder } from './chunked-decoder.ts'
import { parseFields } from './parse-fields.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'

/** Receives the parts of one response, in this order. */
export interface ResponseSink {
  /** An interim response: 1xx other than 101. */
  onInterim(head: ResponseHead): void
  /** 101 Switching Protocols: the rest of the input belongs to another protocol. */
  onSwitch(head: ResponseHead, rest: Buffer): void
  onHead(head: ResponseHead): void
  onBody(chunk: Buffer, isLast: boolean): void
  /** @param isReusable whether the response leaves the connection fit for another exchange */
  onEnd(trailers: readonly string[], isReusable: boolean): void
}

/** Maximum size of a response's head, in bytes. */
const MAX_HEAD = 64 * 1024
/** security: maximum number of interim responses before the final one; more are an attack. */
const MAX_INTERIM = 64
const BEGIN = 'HTTP/1.'
const END_OF_HEAD = '\r\n\r\n'
const NO_FIELDS: readonly string[] = []

/**
 * Reads responses from a connection's bytes, one at a time. A returned string says what is invalid; the connection is
 * unusable then.
 */
export class ResponseReader {
  readonly #sink: ResponseSink
  #isHeadRequest = false
  #head: ResponseHead | undefined
  /** The beginning of a head that has not arrived completely. */
  #partial: Buffer | undefined
  #interimCount = 0
  /** Bytes of the body still to come; Infinity for a chunked body or one that lasts until the connection closes. */
  #left = 0
  #chunked: ChunkedDecoder | undefined
  #trailers = NO_FIELDS
  #mistake: string | undefined

  constructor(sink: ResponseSink) {
    this.#sink = sink
  }

  /**
   * Begins another response.
   *
   * @param isHeadRequest whether the response has no body, whatever its headers say
   */
  begin(isHeadRequest: boolean): void {
    this.#isHeadRequest = isHeadRequest
    this.#head = undefined
    this.#partial = undefined
    this.#interimCount = 0
    this.#trailers = NO_FIELDS
  }

  /** Reads bytes of the response. Bytes after its end are dropped, and the connection is not reusable then. */
  read(input: Buffer): string | undefined {
    if (this.#head !== undefined) return this.#readBody(input)
    const rest = this.#readHeads(input)
    if (rest === undefined || typeof rest === 'string') return rest
    if (this.#left === 0) return this.#end(rest.length === 0)
    return rest.length === 0 ? undefined : this.#readBody(rest)
  }

  /** The origin has ended the connection. */
  close(): string | undefined {
    if (this.#head === undefined) return 'the connection was closed before a response'
    if (this.#left !== Infinity || this.#chunked)
      return 'the connection was closed within a response'
    return this.#end(false)
  }

  /** @returns the bytes after the head of the final response; undefined when that has not arrived yet */
  #readHeads(chunk: Buffer): Buffer | string | undefined {
    let input = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk])
    this.#partial = undefined
    while (input.length > 0) {
      if (!BEGIN.startsWith(input.toString('latin1', 0, BEGIN.length))) return 'not a status line'
      const end = input.indexOf(END_OF_HEAD, 0, 'latin1')
      if ((end === -1 ? input.length : end) > MAX_HEAD) return 'too large a head'
      if (end === -1) {
        // The input is lent, so it is copied.
        this.#partial = Buffer.from(input)
        return undefined
      }
      const head = parseResponseHead(input.toString('latin1', 0, end))
      if (typeof head === 'string') return head
      input = input.subarray(end + END_OF_HEAD.length)
      if (head.status >= 200) {
        this.#begin(head)
        return input
      }
      if (head.status === 101) {
        this.#sink.onSwitch(head, input)
        return undefined
      }
      this.#interimCount++
      if (this.#interimCount > MAX_INTERIM) return 'too many interim responses'
      this.#sink.onInterim(head)
    }
    return undefined
  }

  #begin(head: ResponseHead): void {
    this.#head = head
    this.#chunked = undefined
    if (this.#isHeadRequest || head.status === 204 || head.status === 304) this.#left = 0
    else this.#left = head.framing === 'length' ? head.length : Infinity
    if (head.framing === 'chunked' && this.#left > 0) {
      this.#chunked = new ChunkedDecoder({
        onChunk: (chunk) => this.#sink.onBody(chunk, false),
        onTrailers: (section) => this.#readTrailers(section)
      })
    }
    this.#sink.onHead(head)
  }

  #readBody(input: Buffer): string | undefined {
    if (this.#chunked === undefined) {
      const body = input.length > this.#left ? input.subarray(0, this.#left) : input
      this.#left -= body.length
      this.#sink.onBody(body, this.#left === 0)
      return this.#left === 0 ? this.#end(body.length === input.length) : undefined
    }
    const end = this.#chunked.decode(input, 0)
    if (typeof end === 'string') return end
    return this.#chunked.isAtEnd ? this.#end(end === input.length) : undefined
  }

  #readTrailers(section: string): void {
    const fields = parseFields(section, 0)
    if (typeof fields === 'string') this.#mistake = fields
    else this.#trailers = fields
  }

  #end(isWhole: boolean): string | undefined {
    if (this.#mistake !== undefined) return this.#mistake
    const isFramed = this.#left === 0 || this.#chunked !== undefined
    this.#sink.onEnd(this.#trailers, isWhole && isFramed && this.#head?.keepsAlive === true)
    return undefined
  }
}
