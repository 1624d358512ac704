export type { BannedEvent, ExceededEvent, RefusedEvent } from '@reliw/http'
export { AutoBanOptions } from './bans/auto-ban-options.ts'
export { fetchBan, parseBlock, writeBan, type Block } from './bans/index.ts'
export {
  BadFraming,
  BadHost,
  BadPath,
  Banned,
  BodyTooLarge,
  NotImplemented,
  Overloaded,
  RateLimited,
  TooManyRequests,
  UriTooLong
} from './errors.ts'
export { LimitsConfig, LimitsOptions } from './options.ts'
export { limits, limits as default, type LimitsState } from './plugin.ts'
export type { Pressure } from './pressure/gauge.ts'
export { createRequestIds, type RequestIds } from './request-id.ts'
