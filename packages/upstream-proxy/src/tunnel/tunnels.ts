import type { Duplex } from 'node:stream'
import type { Deadlines, Timed } from '../deadlines.ts'
import { Tunnel, type TunnelOptions } from './tunnel.ts'

/** The open tunnels, and the clients that wait for one. */
export class Tunnels {
  readonly #deadlines: Deadlines
  readonly #open = new Set<Tunnel>()
  readonly #waiting = new Set<Duplex>()
  #isClosing = false
  /** Resolved when the last tunnel has ended. */
  #empty: PromiseWithResolvers<void> | undefined

  /** @param deadlines must run until all tunnels have ended */
  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines
  }

  get size(): number {
    return this.#open.size
  }

  /** Registers a client's connection: a drain destroys it if it has no tunnel by then. */
  expect(client: Duplex): void {
    this.#waiting.add(client)
    client.once('close', () => {
      this.#waiting.delete(client)
      this.#checkEmpty()
    })
    if (this.#isClosing) client.destroy()
  }

  /** Opens a tunnel. After a drain it is closed in order at once. */
  add(options: TunnelOptions): Tunnel {
    const onClose: TunnelOptions['onClose'] = (summary) => {
      this.#open.delete(tunnel)
      this.#checkEmpty()
      options.onClose(summary)
    }
    const tunnel = new Tunnel({ ...options, onClose }, this.#deadlines)
    this.#open.add(tunnel)
    this.#waiting.delete(options.client)
    if (this.#isClosing) tunnel.close()
    return tunnel
  }

  /**
   * Resolves when all tunnels have ended. Tunnels still open after `patience` milliseconds are closed, which takes at
   * most three more seconds.
   */
  async drain(patience: number): Promise<void> {
    const impatience: Timed = {
      deadline: this.#deadlines.after(patience),
      slot: -1,
      onLate: () => this.#close()
    }
    this.#deadlines.add(impatience)
    while (!this.#isEmpty) await (this.#empty ??= Promise.withResolvers()).promise
    this.#deadlines.delete(impatience)
    this.#isClosing = true
  }

  get #isEmpty(): boolean {
    return this.#open.size + this.#waiting.size === 0
  }

  #checkEmpty(): void {
    if (!this.#isEmpty) return
    this.#empty?.resolve()
    this.#empty = undefined
  }

  #close(): void {
    this.#isClosing = true
    for (const tunnel of this.#open) tunnel.close()
    for (const client of this.#waiting) client.destroy()
  }
}
