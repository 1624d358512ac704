import { channel } from 'node:diagnostics_channel'

/** `reliw.limits.exceeded`: a request was refused because a budget had run out. */
export interface ExceededEvent {
  /** The policy’s name; of an entry’s own limit, the method. */
  readonly policy: string
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
}

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics and logs. */
export const channels = {
  exceeded: channel('reliw.limits.exceeded')
}
