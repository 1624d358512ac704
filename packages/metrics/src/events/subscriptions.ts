import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Something that listens to what other packages publish on `node:diagnostics_channel`. */
export class Subscriptions {
  readonly #listeners: [channel: string, listener: (message: unknown) => void][] = []

  /**
   * Has a listener called for each message of a channel. What it throws is dropped: it would end the process.
   *
   * @param listener the message as the package that publishes it describes it
   */
  on(channel: string, listener: (message: never) => void): void {
    const guarded = (message: unknown): void => {
      try {
        listener(message as never)
      } catch {
        // A message that is not as it is described is no message.
      }
    }
    subscribe(channel, guarded)
    this.#listeners.push([channel, guarded])
  }

  close(): void {
    for (const [channel, listener] of this.#listeners.splice(0)) unsubscribe(channel, listener)
  }
}
