export { AddressRanges, AddressSet } from './address-set.ts'
export { addressBytes, normalizeAddress } from './address.ts'
export { ByteSize } from './byte-size.ts'
export { checkPath } from './check-path.ts'
export { Cidr, parseCidr } from './cidr.ts'
export { cookieValue } from './cookie-value.ts'
export { describeIssues } from './describe-issues.ts'
export { Duration } from './duration.ts'
export { type EventChannel, eventChannel } from './event-channel.ts'
export {
  type FaultEvent,
  faults,
  guarded,
  guardMethods,
  guardPromise,
  once,
  reportFault
} from './guarded.ts'
export { Host } from './host.ts'
export { toJsonSchema } from './json-schema.ts'
export { listen, type PublishedEvent, Publisher } from './listen.ts'
export { makeDirectory } from './make-directory.ts'
export { memoryLimit } from './memory-limit.ts'
export { nearest } from './nearest-key.ts'
export { clientBlock, networkOf } from './network-of.ts'
export { normalizeHost } from './normalize-host.ts'
export { MAX_SEMI_SPACE, oldSpaceLimit } from './old-space-limit.ts'
export { InvalidOptions, parseOptions } from './parse.ts'
export { fullReading, pathReadings, readTarget } from './path-readings.ts'
export { ListenPort, Port } from './port.ts'
export {
  directoryOf,
  type HostSite,
  isWildcard,
  normalizeSiteName,
  SiteName,
  subdomainOf
} from './site-name.ts'
export { fieldsAt, schemasAt } from './schemas-at.ts'
export { withoutCookies } from './without-cookies.ts'
export { weakMemoize } from './weak-memoize.ts'
