import { channel } from 'node:diagnostics_channel'

/** A channel of `node:diagnostics_channel` whose messages are events of a single type. */
export interface EventChannel<E> {
  readonly name: string | symbol
  /** Without subscribers, there is no need to create an event. */
  readonly hasSubscribers: boolean
  /** Calls the subscribers synchronously. An error thrown by a subscriber ends the process. */
  readonly publish: (event: E) => void
  /** Subscribes to the events of all publishers; use `listen` for those of a single publisher. */
  readonly subscribe: (listener: (event: E) => void) => void
  readonly unsubscribe: (listener: (event: E) => void) => void
}

/** The channel of this name; anyone in the process can subscribe to it by name. */
export function eventChannel<E>(name: string): EventChannel<E> {
  return channel(name) as EventChannel<E>
}
