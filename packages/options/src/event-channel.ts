import { channel } from 'node:diagnostics_channel'

/** A channel of `node:diagnostics_channel` whose messages are events of one type. */
export interface EventChannel<E> {
  readonly name: string | symbol
  /** Without subscribers an event need not even be made. */
  readonly hasSubscribers: boolean
  /** Calls the subscribers at once. What they throw ends the process. */
  readonly publish: (event: E) => void
  /** For what needs the events of all publishers; `listen` is for those of one. */
  readonly subscribe: (listener: (event: E) => void) => void
  readonly unsubscribe: (listener: (event: E) => void) => void
}

/** The channel of that name, by which anybody can listen to it. */
export function eventChannel<E>(name: string): EventChannel<E> {
  return channel(name) as EventChannel<E>
}
