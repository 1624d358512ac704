import { type EventChannel, listen, type PublishedEvent, type Publisher } from '@reliw/options'

/** What is heard of one publisher, until it is closed. */
export class Subscriptions {
  readonly #publisher: Publisher
  readonly #stops: (() => void)[] = []

  constructor(publisher: Publisher) {
    this.#publisher = publisher
  }

  /** Has a listener called for each event of a channel. What it throws is told as a fault and ends nothing. */
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
