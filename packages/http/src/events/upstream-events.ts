import { eventChannel, type PublishedEvent } from '@reliw/options'

/** Who an event is about. */
export interface UpstreamEvent extends PublishedEvent {
  /** The upstream's name: a host, a host and an entry, or the name it was registered under. */
  readonly upstream: string
}

/** What went wrong at an origin; also a part of logs. */
export type FailureKind =
  /** No connection: the name is unknown, or the connection was refused or is not possible. */
  | 'connect'
  /** The address is one that this upstream must not lead to. */
  | 'forbidden'
  /** No TLS: handshake or verification failed. */
  | 'tls'
  /** The connection broke while the exchange was on. */
  | 'reset'
  /** The answer was not valid HTTP, or too large where it is bounded. */
  | 'protocol'
  /** Something of ours threw: no fault of the origin's. Neither blamed nor tried again. */
  | 'internal'
  | 'connect timeout'
  | 'headers timeout'
  | 'idle timeout'
  | 'total timeout'

/** `reliw.upstream.attempt`: a request was sent to an origin, and this came of it. */
export interface AttemptEvent extends UpstreamEvent {
  readonly requestId: string
  /** The origin's `host:port`. */
  readonly origin: string
  /** 1 for the first one. */
  readonly attempt: number
  /** Milliseconds until the head of the answer, or the failure. */
  readonly ms: number
  readonly status?: number
  readonly failure?: FailureKind | 'client left'
}

/** `reliw.upstream.retry`: another attempt follows. */
export interface RetryEvent extends UpstreamEvent {
  readonly requestId: string
  /** The number of the attempt that is coming. */
  readonly attempt: number
  /** Milliseconds until then. */
  readonly delay: number
}

/** `reliw.upstream.outcome`: what a client's request came to. Once per request. */
export interface OutcomeEvent extends UpstreamEvent {
  readonly requestId: string
  readonly attempts: number
  /** Milliseconds from the request's arrival to the end of its answer. */
  readonly ms: number
  /** What the client was answered; undefined when it left before. */
  readonly status: number | undefined
  readonly result:
    | 'answered'
    | 'failed'
    | 'retries exhausted'
    | 'circuit open'
    | 'no origin'
    | 'pool full'
    | 'pool timeout'
    | 'client left'
    | 'refused'
}

/** `reliw.upstream.circuit`: a circuit breaker changed its state. */
export interface CircuitEvent extends UpstreamEvent {
  readonly state: 'closed' | 'open' | 'half-open'
}

/** `reliw.upstream.health`: an origin went out of use, or came back. */
export interface HealthEvent extends UpstreamEvent {
  readonly origin: string
  readonly change: 'ejected' | 'returned' | 'unhealthy' | 'healthy'
}

/** What becomes of requests for upstreams, for metrics, logs and traces. */
export const upstreamEvents = {
  attempt: eventChannel<AttemptEvent>('reliw.upstream.attempt'),
  retry: eventChannel<RetryEvent>('reliw.upstream.retry'),
  outcome: eventChannel<OutcomeEvent>('reliw.upstream.outcome'),
  circuit: eventChannel<CircuitEvent>('reliw.upstream.circuit'),
  health: eventChannel<HealthEvent>('reliw.upstream.health')
}
