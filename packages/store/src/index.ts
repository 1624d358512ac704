export { type AddCount, Counters, type CountSource } from './counters.ts'
export type { Count, Counted, Driver, Increment, Operation, Take, Taken } from './driver.ts'
export {
  CannotOpen,
  InvalidKey,
  InvalidValue,
  StoreUnavailable,
  UnknownKey,
  WriteFailed
} from './errors.ts'
export {
  channels as storeChannels,
  type OperationEvent,
  type RejectedEvent,
  type TimedOperation
} from './events.ts'
export { ANY_HOST, mistakeInHost, splitHost } from './key-names.ts'
export { Keyspace } from './keyspace.ts'
export type { LiveStatistics } from './live/graph.ts'
export type { Live, Reader, View } from './live/view.ts'
export { ApiKey } from './model/api-key.ts'
export {
  Auth,
  AuthSettings,
  type AuthInput,
  type AuthPage,
  type AuthRule,
  type Way
} from './model/auth.ts'
export {
  ASYMMETRIC,
  type ForwardSettings,
  type JwtSettings,
  type OidcSettings
} from './model/auth-ways.ts'
export { Ban } from './model/ban.ts'
export { Entry } from './model/entry.ts'
export { decodeRoutes, type Routes } from './model/routes.ts'
export type { RateLimit } from './model/rate-limit.ts'
export { idleMethods, needsEntry, RatePolicies, RatePolicy } from './model/rate-policy.ts'
export { Session, type LiveSession } from './model/session.ts'
export { defaultSettings, idleBesideProxy, Settings } from './model/settings.ts'
export type { StoredFile } from './model/stored-file.ts'
export type { Place, Scheme, Target, WrittenTarget } from './model/target.ts'
export { Upstream, type UpstreamInput } from './model/upstream.ts'
export { User } from './model/user.ts'
export { WafAction, WafMode, WafRules, type WafExclusion } from './model/waf-rules.ts'
export { StoreOptions } from './options.ts'
export { type Budget, newBudget } from './rate/budget.ts'
export { takeFrom } from './rate/take-from.ts'
export { RedisOptions } from './redis/options.ts'
export type { Sites } from './sites.ts'
export type { KeyListener } from './watchers.ts'
export { openStore, type Store, type StoreLog, type StoreUse } from './store.ts'
