import type { EventChannel } from './event-channel.ts'
import { guarded } from './guarded.ts'

/**
 * The source of events: one app, or one store. A process may have several, which all publish on the same channels. A
 * publisher has no contents and is compared by identity, so that an event can be logged or cloned.
 */
export class Publisher {
  declare protected readonly isPublisher: true
}

/** An event published by an app or a store. */
export interface PublishedEvent {
  readonly publisher: Publisher
}

/**
 * Calls a listener for each event of one publisher; ignores events of other publishers, and messages that are not
 * events.
 *
 * @param onThrow receives errors thrown by the listener, as with {@link guarded}: uncaught, they would end the process
 * @returns a function that stops listening
 */
export function listen<E extends PublishedEvent>(
  channel: EventChannel<E>,
  publisher: Publisher,
  listener: (event: NoInfer<E>) => void,
  onThrow: (error: unknown) => void = () => undefined
): () => void {
  const receive = guarded((message: unknown) => {
    if ((message as E | null | undefined)?.publisher === publisher) listener(message as E)
  }, onThrow)
  channel.subscribe(receive)
  return () => channel.unsubscribe(receive)
}
