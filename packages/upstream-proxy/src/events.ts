import { channel } from 'node:diagnostics_channel'
import type { FailureKind } from './exchange.ts'

/** Who an event is about. */
export interface UpstreamEvent {
  /** The upstream's name: a host, a host and an entry, or the name it was registered under. */
  readonly upstream: string
}

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

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics and logs. */
export const channels = {
  attempt: channel('reliw.upstream.attempt'),
  retry: channel('reliw.upstream.retry'),
  outcome: channel('reliw.upstream.outcome'),
  circuit: channel('reliw.upstream.circuit'),
  health: channel('reliw.upstream.health')
}
