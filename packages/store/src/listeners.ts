type Listener = (message: string) => void

/** Listeners of this process, by channel. */
export class Listeners {
  readonly #channels = new Map<string, Set<Listener>>()

  /** Returns whether the listener is the channel's first. */
  add(channel: string, listener: Listener): boolean {
    const listeners = this.#channels.get(channel)
    if (listeners !== undefined) {
      listeners.add(listener)
      return false
    }
    this.#channels.set(channel, new Set([listener]))
    return true
  }

  /** Returns whether the listener was the channel's last. */
  remove(channel: string, listener: Listener): boolean {
    const listeners = this.#channels.get(channel)
    if (!listeners?.delete(listener) || listeners.size > 0) return false
    return this.#channels.delete(channel)
  }

  notify(channel: string, message: string): void {
    for (const listener of this.#channels.get(channel) ?? []) listener(message)
  }
}
