import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { HUNG_AFTER } from '@reliw/testing'
import type { RequestCase } from './request-grammar.ts'

/** What a connection came to. */
export interface Outcome {
  /** All that came, one character per byte. */
  readonly received: string
  /** How it ended. */
  readonly end: 'closed' | 'reset' | 'hung' | 'refused' | 'upgraded'
}

/** After so long without a byte a response has come to its end, or never will; in milliseconds. */
const QUIET = 40
/** The same where a proper request was sent, and nothing has come yet. */
const FIRST_BYTE = 5000
const MAX_RECEIVED = 8 * 1024 * 1024

/** Is answered, after whatever came before it, by a server that still listens; it ends the connection. */
export const PROBE = 'GET /probe HTTP/1.1\r\nHost: content.test\r\nConnection: close\r\n\r\n'

/** A case as it is sent. */
export interface RequestBytes extends RequestCase {
  /** Whether something harmless is asked for afterwards; default true. Not where the case ends the connection. */
  readonly isProbed?: boolean
}

/**
 * Sends a case on a connection of its own, keeps it open for the response, then asks for something harmless on the
 * same connection, and waits until the server ends it.
 *
 * @param localAddress so that clients differ
 */
export async function exchange(
  port: number,
  { bytes, ending, pace, proper, isProbed = true }: RequestBytes,
  localAddress: string
): Promise<Outcome> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
  socket.setNoDelay(true)
  const response = new Incoming(socket)
  try {
    await send(socket, bytes, pace)
    if (ending === 'half-closed') socket.end()
    const isOver = await response.quiet(proper === undefined ? QUIET : FIRST_BYTE)
    if (isUpgraded(response.text)) {
      socket.write('after the upgrade')
      return { received: response.text, end: 'upgraded' }
    }
    if (!isOver && isProbed && socket.writable) socket.write(PROBE)
    const end = await response.end(HUNG_AFTER)
    return { received: response.text, end: isUpgraded(response.text) ? 'upgraded' : end }
  } finally {
    socket.destroy()
  }
}

function isUpgraded(text: string): boolean {
  return /HTTP\/1\.1 101 [\w ]*\r\n/.test(text)
}

async function send(socket: Socket, bytes: string, pace: RequestCase['pace']): Promise<void> {
  const size = { whole: bytes.length, pieces: Math.ceil(bytes.length / 7), 'byte by byte': 1 }[pace]
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.slice(at, at + size), 'latin1')
    if (size < bytes.length) await turn()
  }
}

class Incoming {
  text = ''
  #end: Outcome['end'] | undefined
  #changed: () => void = () => undefined

  constructor(socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      if (this.text.length < MAX_RECEIVED) this.text += text
      this.#changed()
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      this.#finish(code === 'ECONNREFUSED' ? 'refused' : 'reset')
    )
    socket.once('end', () => this.#finish('closed'))
    socket.once('close', () => this.#finish('closed'))
  }

  /** Resolves when nothing comes for a while; to true when the connection has ended. */
  quiet(firstByte: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    let timer = setTimeout(() => resolve(this.#end !== undefined), firstByte)
    this.#changed = () => {
      if (this.text !== '') {
        clearTimeout(timer)
        timer = setTimeout(() => resolve(this.#end !== undefined), QUIET)
      }
      if (this.#end !== undefined) resolve(true)
    }
    this.#changed()
    return promise.finally(() => clearTimeout(timer))
  }

  end(patience: number): Promise<Outcome['end']> {
    const { promise, resolve } = Promise.withResolvers<Outcome['end']>()
    const timer = setTimeout(() => resolve('hung'), patience)
    this.#changed = () => {
      if (isUpgraded(this.text)) resolve('upgraded')
      if (this.#end !== undefined) resolve(this.#end)
    }
    this.#changed()
    return promise.finally(() => clearTimeout(timer))
  }

  #finish(end: Outcome['end']): void {
    this.#end ??= end
    this.#changed()
  }
}
