import { ChunkedDecoder } from './chunked-decoder.ts'
import { parseFields } from './header-fields.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'

/** What comes out of the bytes of one answer, in this order. */
export interface ResponseSink {
  /** 1xx, 101 not among them. */
  onInformation(head: ResponseHead): void
  /** 101: the rest of the input is another protocol's. */
  onSwitch(head: ResponseHead, rest: Buffer): void
  onHead(head: ResponseHead): void
  onBody(chunk: Buffer, isLast: boolean): void
  /** @param isReusable whether, by this answer, the connection can carry another exchange */
  onEnd(trailers: readonly string[], isReusable: boolean): void
}

/** What an answer's head may take, in bytes. */
const MAX_HEAD = 64 * 1024
/** Informations before an answer; more are an attack. */
const MAX_INFORMATIONS = 64
const BEGIN = 'HTTP/1.'
const END_OF_HEAD = '\r\n\r\n'
const NO_FIELDS: readonly string[] = []

/**
 * Reads answers from a connection's bytes, one at a time. A text that is returned says what is wrong; the
 * connection is of no use then.
 */
export class ResponseReader {
  readonly #sink: ResponseSink
  #isHeadRequest = false
  #head: ResponseHead | undefined
  /** The beginning of a head whose end has not come. */
  #partial: Buffer | undefined
  #informations = 0
  /** Bytes of the body that are still to come; Infinity for until the connection is closed. */
  #left = 0
  #chunked: ChunkedDecoder | undefined
  #trailers = NO_FIELDS
  #mistake: string | undefined

  constructor(sink: ResponseSink) {
    this.#sink = sink
  }

  /** Begins with another answer. @param isHeadRequest then it has no body, whatever it says */
  begin(isHeadRequest: boolean): void {
    this.#isHeadRequest = isHeadRequest
    this.#head = undefined
    this.#partial = undefined
    this.#informations = 0
    this.#trailers = NO_FIELDS
  }

  /** Takes bytes of the answer. What follows its end makes the connection not reusable, and is dropped. */
  read(input: Buffer): string | undefined {
    if (this.#head !== undefined) return this.#readBody(input)
    const rest = this.#readHeads(input)
    if (rest === undefined || typeof rest === 'string') return rest
    if (this.#left === 0) return this.#end(rest.length === 0)
    return rest.length === 0 ? undefined : this.#readBody(rest)
  }

  /** The origin has ended the connection. */
  close(): string | undefined {
    if (this.#head === undefined) return 'the connection was closed before an answer'
    if (this.#left !== Infinity || this.#chunked)
      return 'the connection was closed within an answer'
    return this.#end(false)
  }

  /** @returns what follows the head of the final answer; undefined when that is not here yet */
  #readHeads(chunk: Buffer): Buffer | string | undefined {
    let input = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk])
    this.#partial = undefined
    while (input.length > 0) {
      if (!BEGIN.startsWith(input.toString('latin1', 0, BEGIN.length))) return 'not a status line'
      const end = input.indexOf(END_OF_HEAD, 0, 'latin1')
      if ((end === -1 ? input.length : end) > MAX_HEAD) return 'too large a head'
      if (end === -1) {
        // The input is lent.
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
      this.#informations++
      if (this.#informations > MAX_INFORMATIONS) return 'too many informations'
      this.#sink.onInformation(head)
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
