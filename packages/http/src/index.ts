export {
  accessEvents,
  type AccessRefusedEvent,
  type ListFetchedEvent
} from './events/access-events.ts'
export { type AuthEvent, authEvents } from './events/auth-events.ts'
export { connectionEvents, type ConnectionRefusedEvent } from './events/connection-events.ts'
export {
  type BannedEvent,
  type ExceededEvent,
  limitsEvents,
  type RefusedEvent
} from './events/limits-events.ts'
export { publisherOf } from './events/publisher-of.ts'
export type { RequestEvent } from './events/request-event.ts'
export {
  type AttemptEvent,
  type CircuitEvent,
  type FailureKind,
  type HealthEvent,
  type OutcomeEvent,
  type RetryEvent,
  type UpstreamEvent,
  upstreamEvents
} from './events/upstream-events.ts'
export {
  type ExaminedEvent,
  type WafEvent,
  wafEvents,
  type WafFinding
} from './events/waf-events.ts'
export { explain, explanationOf } from './explanation.ts'
export { clientAddress } from './facts/client-address.ts'
export { originForm, type RequestTarget } from './facts/origin-form.ts'
export { type Peer, peerAddress } from './facts/peer-address.ts'
export { type KnownFacts, RequestFacts } from './facts/request-facts.ts'
export { type HostHeaders, requestHost } from './facts/request-host.ts'
export {
  assumeFacts,
  findFacts,
  type Identity,
  type ResponseKind,
  useFacts
} from './facts/use-facts.ts'
export { type SiteFinder, useSites } from './facts/use-sites.ts'
export { noteSource, senderAddress, type Source, sourceAddress, sourceOf } from './facts/source.ts'
export { hasLeft } from './has-left.ts'
export { isNamed, valueOf, withDashes } from './header-list.ts'
export {
  answersPreflight,
  type FindSiteHeaders,
  headerRulesOf,
  readHeaderRules,
  setWithHeaderRules,
  useHeaderRules
} from './header-rules/use-header-rules.ts'
export type { HeaderSettings } from './header-rules/rules.ts'
export { holdTickObject } from './hold-tick-object.ts'
export * from './node-internals/index.ts'
export { receivedBytes, sentBytes } from './outlet/body-sizes.ts'
export { breakOff } from './outlet/break-off.ts'
export { inform } from './outlet/inform.ts'
export { echoRequestId, useOutlet } from './outlet/own-headers.ts'
export {
  beginResponse,
  endBody,
  type OnTaken,
  respond,
  switchProtocols,
  writeBody
} from './outlet/respond.ts'
export { respondOnSocket } from './outlet/respond-on-socket.ts'
export { tapResponses } from './outlet/tap-responses.ts'
export type { BodyTap, ResponseHead, ResponseTap } from './outlet/taps.ts'
export { type EndListener, onEnd } from './on-end.ts'
export {
  MAX_PROXY_HEADER,
  type ProxyHeader,
  readProxyHeader
} from './proxy-header/read-proxy-header.ts'
export {
  type ProxiedConnection,
  type ProxyVersion,
  writeLocalHeader,
  writeProxyHeader
} from './proxy-header/write-proxy-header.ts'
export { addServer, onServer } from './servers.ts'
export { whenLeft } from './when-left.ts'
