import { eventChannel, type PublishedEvent } from '@reliw/options'

/** `reliw.connection.refused`: a connection of a trusted proxy was closed because of its PROXY header. */
export interface ConnectionRefusedEvent extends PublishedEvent {
  readonly peerIp: string
  /**
   * - `missing`: the connection began without a header, which is required.
   * - `malformed`: the header is invalid, or too long.
   * - `late`: the header did not arrive in time.
   * - `incomplete`: the connection ended within the header.
   */
  readonly reason: 'missing' | 'malformed' | 'late' | 'incomplete'
}

/** Refused connections, for metrics. */
export const connectionEvents = {
  refused: eventChannel<ConnectionRefusedEvent>('reliw.connection.refused')
}
