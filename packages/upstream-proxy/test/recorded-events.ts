import type { Channel } from 'node:diagnostics_channel'
import type { TestContext } from '@reliw/testing'
import { channels } from '../src/events.ts'
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
  const record = <T>(channel: Channel): T[] => {
    const events: T[] = []
    const listener = (event: unknown): void => {
      if ((event as { upstream: string }).upstream === upstream) events.push(event as T)
    }
    channel.subscribe(listener)
    t.teardown(() => channel.unsubscribe(listener))
    return events
  }
  return {
    attempt: record(channels.attempt),
    retry: record(channels.retry),
    outcome: record(channels.outcome),
    circuit: record(channels.circuit),
    health: record(channels.health)
  }
}
