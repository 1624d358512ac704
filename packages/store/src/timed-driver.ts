import { type Driver, type OperationEvent, storeEvents } from '@reliw/model'
import type { Publisher } from '@reliw/options'

/**
 * A driver that publishes its calls on `reliw.store.operation`. Without subscribers a call costs one check, and its
 * promise is the driver's own.
 */
export function timeDriver(driver: Driver, publisher: Publisher): Driver {
  const timed = <T>(
    operation: OperationEvent['operation'],
    since: number | undefined,
    result: Promise<T>
  ): Promise<T> =>
    since === undefined ? result : publishEnd({ publisher, operation }, since, result)
  return {
    name: driver.name,
    // Arguments are evaluated in order: the clock is read before the driver is called.
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

/** Milliseconds; `undefined` without subscribers. */
function now(): number | undefined {
  return storeEvents.operation.hasSubscribers ? performance.now() : undefined
}

async function publishEnd<T>(
  of: Pick<OperationEvent, 'publisher' | 'operation'>,
  since: number,
  result: Promise<T>
): Promise<T> {
  let failed = true
  try {
    const value = await result
    failed = false
    return value
  } finally {
    storeEvents.operation.publish({ ...of, ms: performance.now() - since, failed })
  }
}
