import type { Driver } from '@reliw/model'
import { channels, type OperationEvent, type TimedOperation } from './events.ts'

/**
 * A driver that tells `reliw.store.operation` of its calls. Where nobody listens a call costs one look: its
 * promise is the driver’s own.
 */
export function timeDriver(driver: Driver): Driver {
  return {
    name: driver.name,
    // Arguments are evaluated in order: the clock is read before the driver is asked.
    get: (key) => timed('get', now(), driver.get(key)),
    hashField: (key, field) => timed('hashField', now(), driver.hashField(key, field)),
    hash: (key) => timed('hash', now(), driver.hash(key)),
    type: (key) => timed('type', now(), driver.type(key)),
    ttl: (key) => timed('ttl', now(), driver.ttl(key)),
    write: (operations) => timed('write', now(), driver.write(operations)),
    increment: (increments) => timed('increment', now(), driver.increment(increments)),
    count: (counts) => timed('count', now(), driver.count(counts)),
    take: (takes) => timed('take', now(), driver.take(takes)),
    publish: (channel, message) => timed('publish', now(), driver.publish(channel, message)),
    keys: (prefix, count) => driver.keys(prefix, count),
    subscribe: (channel, listener) => driver.subscribe(channel, listener),
    poll: driver.poll,
    close: () => driver.close()
  }
}

/** Milliseconds; `undefined` where nobody wants to know. */
function now(): number | undefined {
  return channels.operation.hasSubscribers ? performance.now() : undefined
}

function timed<T>(
  operation: TimedOperation,
  since: number | undefined,
  answer: Promise<T>
): Promise<T> {
  return since === undefined ? answer : told(operation, since, answer)
}

async function told<T>(operation: TimedOperation, since: number, answer: Promise<T>): Promise<T> {
  let failed = true
  try {
    const result = await answer
    failed = false
    return result
  } finally {
    const event: OperationEvent = { operation, ms: performance.now() - since, failed }
    channels.operation.publish(event)
  }
}
