import type { PublishedEvent } from '@reliw/options'

/** An event about a single request. */
export interface RequestEvent extends PublishedEvent {
  /** '' when it is not known. */
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
}
