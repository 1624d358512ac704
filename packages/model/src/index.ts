export { InvalidKey, InvalidValue, StoreUnavailable, UnknownKey } from './errors.ts'
export { ANY_HOST, EVERY_HOST, findAliasIssue, findHostIssue, splitHost } from './key-names.ts'
export { Keyspace } from './keyspace.ts'
export { type Budget, newBudget } from './rate/budget.ts'
export { decodeBudget, encodeBudget } from './rate/budget-text.ts'
export { takeFrom } from './rate/take-from.ts'
export type { AddCount, Counters, CountSource } from './store/counters.ts'
export type { Count, Counted, Driver, Increment, Operation, Take, Taken } from './store/driver.ts'
export {
  type OperationEvent,
  type RejectedEvent,
  storeEvents,
  type TimedOperation
} from './store/events.ts'
export { headersOfSite } from './store/headers-of-site.ts'
export type { Live, LiveStatistics, Reader, View } from './store/live.ts'
export type { Sites } from './store/sites.ts'
export type { KeyListener, Store } from './store/store.ts'
export { weakMemoize } from '@reliw/options'
export type { AccessLog } from './values/access-log.ts'
export {
  type AddressList,
  type AddressListSource,
  decodeFetched,
  decodeList,
  type FetchedList,
  findUrlIssue,
  MAX_FETCHED,
  type StoredFetch
} from './values/address-list.ts'
export { ApiKey, decodeApiKey } from './values/api-key.ts'
export {
  Auth,
  AuthSettings,
  type AuthInput,
  type AuthPage,
  type AuthRule,
  type AuthMethod
} from './values/auth.ts'
export {
  ASYMMETRIC,
  type ForwardSettings,
  type JwtSettings,
  type OidcSettings
} from './values/auth-methods.ts'
export { Ban } from './values/ban.ts'
export {
  type ClientRules,
  Clients,
  hasClientRules,
  idleClients,
  LIST_NAME
} from './values/clients.ts'
export { decodeEntry, Entry } from './values/entry.ts'
export { errorPageFor, ErrorPages } from './values/error-pages.ts'
export { coversPath, Fallback } from './values/fallback.ts'
export type { Cors } from './values/cors.ts'
export type {
  EntryHeaders,
  HeaderRules,
  SiteHeaders,
  UpstreamHeaders
} from './values/header-rules.ts'
export type { ForwardCache } from './values/forward-cache.ts'
export { idleFields } from './values/idle-fields.ts'
export { Maintenance } from './values/maintenance.ts'
export type { RateLimit } from './values/rate-limit.ts'
export { idleMethods, needsEntry, RatePolicies, RatePolicy } from './values/rate-policy.ts'
export { Redirect } from './values/redirect.ts'
export {
  LocationTooLong,
  MissingCapture,
  type RedirectedRequest
} from './values/redirect-target.ts'
export { decodeRoutes, type FoundRoute, type Routes } from './values/routes.ts'
export { decodeSession, Session, type LiveSession } from './values/session.ts'
export {
  decodeSettings,
  defaultSettings,
  idleBesideProxy,
  idleSettings,
  Settings
} from './values/settings.ts'
export { decodeStoredFile, type StoredFile } from './values/stored-file.ts'
export type { ParsedTarget, Scheme, Target, WrittenTarget } from './values/target.ts'
export { decodeUpstream, Upstream, type UpstreamInput } from './values/upstream.ts'
export { decodeUser, User } from './values/user.ts'
export {
  decodeWafRules,
  WafAction,
  WafMode,
  WafRules,
  type WafExclusion
} from './values/waf-rules.ts'
