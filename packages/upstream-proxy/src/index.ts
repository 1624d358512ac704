export {
  BadGateway,
  BadRequest,
  BodyTimeout,
  BodyTooLarge,
  CannotForward,
  GatewayTimeout,
  LoopDetected,
  MethodRefused,
  NotFound,
  Unavailable
} from './errors.ts'
export type {
  AttemptEvent,
  CircuitEvent,
  FailureKind,
  HealthEvent,
  OutcomeEvent,
  RetryEvent,
  UpstreamEvent
} from '@reliw/http'
export { createTraceparents, isTraceparent, traceIdOf } from './headers/traceparent.ts'
export { UpstreamProxyOptions } from './options.ts'
export type { OriginState } from './origin/origin.ts'
export { releaseBlocks } from './pieces/block-pool.ts'
export { upstreamProxy, upstreamProxy as default, type RequestUpstream } from './plugin.ts'
export type { UpstreamState } from './upstream/group.ts'
