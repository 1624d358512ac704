import type { EventChannel } from './event-channel.ts'
import { guarded } from './guarded.ts'

/**
 * What an event belongs to: one app, or one store. A process may have several, and all publish on the same channels.
 * It has no contents and is compared by identity, so that an event can be logged or cloned.
 */
export class Publisher {
  declare protected readonly isPublisher: true
}

/** An event of an app or a store. */
export interface PublishedEvent {
  readonly publisher: Publisher
}

/**
 * Has a listener called for each event of one publisher; those of others, and messages that are no events, are passed
 * over.
 *
 * @param onThrow gets what the listener throws, as {@link guarded} has it: thrown on, it would end the process
 * @returns stops that
 */
export function listen<E extends PublishedEvent>(
  channel: EventChannel<E>,
  publisher: Publisher,
  listener: (event: NoInfer<E>) => void,
  onThrow: (error: unknown) => void = () => undefined
): () => void {
  const hear = guarded((message: unknown) => {
    if ((message as E | null | undefined)?.publisher === publisher) listener(message as E)
  }, onThrow)
  channel.subscribe(hear)
  return () => channel.unsubscribe(hear)
}
