import { connect, type Socket } from 'node:net'

/** Connections of attackers, all of one address. */
export class Attackers {
  readonly #port: number
  readonly #open = new Set<Socket>()

  constructor(port: number) {
    this.#port = port
  }

  /** Opens a connection; it never fails, but may be closed at once. */
  async open(): Promise<Socket> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: '127.0.0.9' })
    this.#open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#open.delete(socket))
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.once('connect', () => resolve()).once('close', () => resolve())
    await promise
    return socket
  }

  /** Opens one, sends, and reads nothing. */
  async sendUnread(bytes: string): Promise<Socket> {
    const socket = await this.open()
    socket.pause()
    socket.write(bytes, 'latin1')
    return socket
  }

  /** Resets all of them. */
  leave(): void {
    for (const socket of this.#open) socket.resetAndDestroy()
  }
}

/** A GET in as few bytes as it takes. */
export function get(host: string, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
}
