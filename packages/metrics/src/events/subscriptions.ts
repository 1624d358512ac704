import { type EventChannel, listen, type PublishedEvent, type Publisher } from '@reliw/options'

/** Subscriptions to events of one publisher, until closed. */
export class Subscriptions {
  readonly #publisher: Publisher
  readonly #stops: (() => void)[] = []

  constructor(publisher: Publisher) {
    this.#publisher = publisher
  }

  /**
   * Calls a listener for each event of a channel. An error that the listener throws is reported as a fault, and does
   * not end the subscription.
   */
  on<E extends PublishedEvent>(
    channel: EventChannel<E>,
    listener: (event: NoInfer<E>) => void
  ): void {
    this.#stops.push(listen(channel, this.#publisher, listener))
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }
}
