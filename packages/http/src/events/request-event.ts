import type { PublishedEvent } from '@reliw/options'

/** An event about a single request. */
export interface RequestEvent extends PublishedEvent {
  /** The requested host; '' when it is not known. */
  readonly host: string
  /** The site that serves the host: see `RequestFacts`. '' when the host is not known. */
  readonly site: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
}
