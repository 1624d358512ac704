import { connect, type Socket } from 'node:net'
import { HUNG_AFTER } from './hung.ts'

/** A TCP connection for tests that care about bytes. Strings are latin1: one character per byte. */
export interface RawClient {
  readonly socket: Socket
  write: (bytes: string | Uint8Array) => void
  /** Sends FIN and keeps reading. */
  end: () => void
  /**
   * Takes what was received up to the end of the first match. Rejects when the connection ends
   * first, or after `timeoutMs` (default: when the test is hung); what had come is in the message.
   */
  read: (until: string | RegExp, timeoutMs?: number) => Promise<string>
  /** Takes all that comes until the peer ends the connection, or resets it. */
  readToEnd: (timeoutMs?: number) => Promise<string>
  /** Resolves once the connection is closed, by whom- and howsoever. */
  readonly closed: Promise<void>
  destroy: () => void
}

export interface RawRequestOptions {
  /** Default 127.0.0.1. */
  host?: string
  /** What ends the response. Default: the end of the connection. */
  until?: string | RegExp
  /** Sends FIN after the bytes. Default false. */
  end?: boolean
  /** In milliseconds. Default: when the test is hung. */
  timeoutMs?: number
}

/** Sends bytes on a new connection, resolves to what is relayed, and closes it. */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  options: RawRequestOptions = {}
): Promise<string> {
  const client = openRaw(port, options.host)
  try {
    client.write(bytes)
    if (options.end) client.end()
    const { until, timeoutMs } = options
    return await (until === undefined ? client.readToEnd(timeoutMs) : client.read(until, timeoutMs))
  } finally {
    client.destroy()
  }
}

/** Opens a connection. Failing to connect shows when reading. */
export function openRaw(port: number, host = '127.0.0.1'): RawClient {
  const socket = connect({ port, host, allowHalfOpen: true })
  const incoming = new Incoming(socket)
  return {
    socket,
    write: (bytes) => void socket.write(typeof bytes === 'string' ? latin1(bytes) : bytes),
    end: () => void socket.end(),
    read: (until, timeoutMs) => incoming.take((text) => endOf(text, until), timeoutMs),
    readToEnd: (timeoutMs) =>
      incoming.take((text, ended) => (ended ? text.length : undefined), timeoutMs),
    closed: new Promise((resolve) => void socket.once('close', () => resolve())),
    destroy: () => void socket.destroy()
  }
}

/** Where the text to take ends, or undefined while it is not all there. */
type FindEnd = (text: string, ended: boolean) => number | undefined

class Incoming {
  #text = ''
  #ended = false
  #error: Error | undefined
  #changed: () => void = () => undefined

  constructor(socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('error', (error) => (this.#error = error))
    socket.on('data', (text: string) => {
      this.#text += text
      this.#changed()
    })
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true
        this.#changed()
      })
    }
  }

  async take(findEnd: FindEnd, timeoutMs = HUNG_AFTER): Promise<string> {
    const end = await this.#wait(findEnd, timeoutMs)
    const text = this.#text.slice(0, end)
    this.#text = this.#text.slice(end)
    return text
  }

  #wait(findEnd: FindEnd, timeoutMs: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const fail = (why: string): void => {
      const message = `${why}; received ${JSON.stringify(this.#text)}`
      reject(new Error(message, { cause: this.#error }))
    }
    const timer = setTimeout(() => fail(`nothing more in ${timeoutMs} ms`), timeoutMs)
    this.#changed = () => {
      const end = findEnd(this.#text, this.#ended)
      if (end !== undefined) resolve(end)
      else if (this.#ended) fail('the connection ended')
    }
    this.#changed()
    return promise.finally(() => {
      clearTimeout(timer)
      this.#changed = () => undefined
    })
  }
}

function endOf(text: string, until: string | RegExp): number | undefined {
  if (typeof until !== 'string') {
    const match = until.exec(text)
    return match === null ? undefined : match.index + match[0].length
  }
  const index = text.indexOf(until)
  return index === -1 ? undefined : index + until.length
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
