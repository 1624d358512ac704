import { eventChannel, type PublishedEvent } from '@reliw/options'

/** An event about an upstream. */
export interface UpstreamEvent extends PublishedEvent {
  /** The name of the upstream: a host, a host and an entry, or the name it was registered under. */
  readonly upstream: string
}

/** Why an attempt at an origin failed; also used in logs. */
export type FailureKind =
  /** No connection: the name cannot be resolved, or the connection was refused or is impossible. */
  | 'connect'
  /** security: the origin resolved to an address that this upstream is not allowed to reach. */
  | 'forbidden'
  /** The TLS handshake or the verification of the certificate failed. */
  | 'tls'
  /** The connection was reset during the exchange. */
  | 'reset'
  /** The response was not valid HTTP, or too large where its size is limited. */
  | 'protocol'
  /** An error in this process, not in the origin: it neither counts against the origin nor is retried. */
  | 'internal'
  | 'connect timeout'
  | 'headers timeout'
  | 'idle timeout'
  | 'total timeout'

/** `reliw.upstream.attempt`: the result of sending a request to an origin. */
export interface AttemptEvent extends UpstreamEvent {
  readonly requestId: string
  /** The origin's `host:port`. */
  readonly origin: string
  /** The number of the attempt, from 1. */
  readonly attempt: number
  /** Milliseconds until the head of the response, or until the failure. */
  readonly ms: number
  readonly status?: number
  readonly failure?: FailureKind | 'client left'
}

/** `reliw.upstream.retry`: another attempt follows. */
export interface RetryEvent extends UpstreamEvent {
  readonly requestId: string
  /** The number of the coming attempt. */
  readonly attempt: number
  /** Milliseconds until the coming attempt. */
  readonly delay: number
}

/** `reliw.upstream.outcome`: the final result of a client's request; once per request. */
export interface OutcomeEvent extends UpstreamEvent {
  readonly requestId: string
  readonly attempts: number
  /** Milliseconds from the arrival of the request to the end of its response. */
  readonly ms: number
  /** The status sent to the client; undefined when the client left before. */
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

/** `reliw.upstream.health`: an origin was taken out of use, or put back into use. */
export interface HealthEvent extends UpstreamEvent {
  readonly origin: string
  readonly change: 'ejected' | 'returned' | 'unhealthy' | 'healthy' | 'draining' | 'undrained'
}

/** Attempts, outcomes and origin states of upstreams, for metrics, logs and traces. */
export const upstreamEvents = {
  attempt: eventChannel<AttemptEvent>('reliw.upstream.attempt'),
  retry: eventChannel<RetryEvent>('reliw.upstream.retry'),
  outcome: eventChannel<OutcomeEvent>('reliw.upstream.outcome'),
  circuit: eventChannel<CircuitEvent>('reliw.upstream.circuit'),
  health: eventChannel<HealthEvent>('reliw.upstream.health')
}
