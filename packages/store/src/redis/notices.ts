import type { Redis } from 'ioredis'

/** Channel on which Redis sends invalidation messages to a RESP2 connection. */
const INVALIDATE = '__redis__:invalidate'

/** Milliseconds between two PINGs, which detect a dead connection. */
const HEARTBEAT = 1000

export interface NoticeEvents {
  /** Keys changed on that server; `undefined`: any key may have changed. */
  changed: (keys: readonly string[] | undefined) => void
  /** Invalidation messages arrive from now on. */
  up: () => void
  /** Invalidation messages may be missed from now on. */
  down: (cause: Error) => void
  /** Connecting failed, or the server refuses to send invalidation messages; the client retries. */
  failed: (cause: Error) => void
  /** A message on a subscribed channel. */
  message: (channel: string, message: string) => void
}

/**
 * A connection to one server that receives invalidation messages for the given key prefixes (server-assisted
 * client-side caching in broadcast mode, redirected to this same connection), and pub/sub messages. A connection that
 * does not respond to a PING in time counts as lost.
 */
export class Notices {
  readonly #client: Redis
  readonly #prefixes: readonly string[]
  readonly #events: NoticeEvents
  readonly #channels = new Set<string>()
  #up = false
  #heartbeat: NodeJS.Timeout | undefined
  #lastError: Error | undefined

  constructor(client: Redis, prefixes: readonly string[], events: NoticeEvents) {
    this.#client = client
    this.#prefixes = prefixes
    this.#events = events
    client.on('ready', () => void this.#begin())
    client.on('close', () => this.#end(this.#lastError ?? new Error('the connection was closed')))
    client.on('error', (error: Error) => {
      this.#lastError = error
      this.#events.failed(error)
    })
    client.on('messageBuffer', (channel: Buffer, message: unknown) =>
      this.#receive(channel, message)
    )
    client.connect().catch(() => undefined)
  }

  get isUp(): boolean {
    return this.#up
  }

  async subscribe(channel: string): Promise<void> {
    this.#channels.add(channel)
    if (this.#up) await this.#client.subscribe(channel)
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#channels.delete(channel)
    if (this.#up) await this.#client.unsubscribe(channel)
  }

  close(): void {
    clearInterval(this.#heartbeat)
    this.#up = false
    this.#client.removeAllListeners('close')
    this.#client.disconnect()
  }

  async #begin(): Promise<void> {
    try {
      const id = await this.#client.client('ID')
      const prefixes = this.#prefixes.flatMap((prefix) => ['PREFIX', prefix])
      await this.#client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', `${id}`, 'BCAST', ...prefixes)
      await this.#client.subscribe(INVALIDATE, ...this.#channels)
      this.#up = true
      this.#lastError = undefined
      this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT).unref()
      this.#events.up()
    } catch (error) {
      this.#lastError = error as Error
      this.#events.failed(error as Error)
      this.#client.disconnect(true)
    }
  }

  #end(cause: Error): void {
    clearInterval(this.#heartbeat)
    this.#up = false
    this.#events.down(cause)
  }

  async #beat(): Promise<void> {
    try {
      await this.#client.ping()
    } catch (error) {
      this.#lastError = error as Error
      this.#client.disconnect(true)
    }
  }

  #receive(channel: Buffer, message: unknown): void {
    const name = channel.toString()
    if (name !== INVALIDATE) return this.#events.message(name, String(message))
    const keys = Array.isArray(message) ? message.map(String) : undefined
    this.#events.changed(keys)
  }
}
