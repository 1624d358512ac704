import { type UpstreamEvent, upstreamEvents } from '@reliw/http'
import type { EventChannel } from '@reliw/options'
import type { TestContext } from '@reliw/testing'
import type {
  AttemptEvent,
  CircuitEvent,
  HealthEvent,
  OutcomeEvent,
  RetryEvent
} from '../src/index.ts'

/** What the channels told of one upstream, in order. */
export interface RecordedEvents {
  attempt: AttemptEvent[]
  retry: RetryEvent[]
  outcome: OutcomeEvent[]
  circuit: CircuitEvent[]
  health: HealthEvent[]
}

/** Listens to all channels until the test ends. */
export function recordEvents(t: TestContext, upstream: string): RecordedEvents {
  const record = <T extends UpstreamEvent>(channel: EventChannel<T>): T[] => {
    const events: T[] = []
    const listener = (event: T): void => {
      if (event.upstream === upstream) events.push(event)
    }
    channel.subscribe(listener)
    t.teardown(() => channel.unsubscribe(listener))
    return events
  }
  return {
    attempt: record(upstreamEvents.attempt),
    retry: record(upstreamEvents.retry),
    outcome: record(upstreamEvents.outcome),
    circuit: record(upstreamEvents.circuit),
    health: record(upstreamEvents.health)
  }
}
