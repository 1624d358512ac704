import { type FSWatcher, watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Driver } from '@reliw/model'
import { guarded } from '@reliw/options'
import type { DriverEvents } from '../driver-events.ts'
import { WriteFailed } from '../errors.ts'
import { Listeners } from '../listeners.ts'
import { type Change, openEnvironment } from './environment.ts'
import { bytesIn, probeDisk } from './probe-disk.ts'
import { Sweeper } from './sweeper.ts'
import { Tables } from './tables.ts'

/** Milliseconds between two checks for changes, in case the file system does not report writes. */
const CHECK_INTERVAL = 250

/** Longest time to close after a failed commit, in milliseconds. */
const CLOSE_TIMEOUT = 200

/**
 * The data model in a directory (LMDB). Any number of processes on one machine may open it; each write increments a
 * generation counter, which the other processes compare before they use a cached value.
 *
 * @param probesDisk whether writes of values first check for free disk space
 */
export function openEmbedded(
  dir: string,
  isTracked: (key: string) => boolean,
  events: DriverEvents,
  probesDisk = false
): Driver {
  const env = openEnvironment(dir)
  const tables = new Tables(env)
  const listeners = new Listeners()
  let seen = tables.generation()
  let polled = -1
  let hasPolled = false
  let closed = false
  let hasFailed = false

  if (env.readOnly) events.warned('the store is read-only', new Error(`cannot write to ${dir}`))
  for (const file of env.closedFiles)
    events.warned(
      'a file of the store was accessible to other users',
      new Error(`${file}: now private`)
    )
  // security: another user could replace the store with one of their own.
  if (env.isOpenToAll)
    events.warned(
      'the directory of the store is writable by all users',
      new Error(`${dir}: chmod o-w`)
    )
  const sweeper = env.readOnly ? undefined : new Sweeper(env, expire)
  const checkSafely = guarded(checkForChanges, (error) =>
    events.warned('changes could not be read', error)
  )
  const watcher = watchFile(env.file, checkSafely)
  const timer = setInterval(checkSafely, CHECK_INTERVAL).unref()
  events.connected()

  /** Runs `act` in one transaction, all or nothing; announces the changed keys and the messages. */
  async function transact<T>(
    keys: string[],
    messages: Change['messages'],
    act: () => T
  ): Promise<T> {
    if (env.readOnly) throw new WriteFailed(`${dir} is read-only`)
    const tracked = keys.filter((key) => isTracked(key))
    try {
      const result = await env.root.childTransaction(() => {
        const done = act()
        if (tracked.length > 0 || messages.length > 0) tables.log({ keys: tracked, messages })
        return done
      })
      checkForChanges()
      return result
    } catch (cause) {
      hasFailed ||= (cause as CommitError).commitError !== undefined
      throw await explain(cause as CommitError, dir)
    }
  }

  async function expire(keys: string[]): Promise<void> {
    await transact(keys, [], () => {
      for (const key of keys) if (tables.isExpired(key)) tables.delete(key)
    }).catch((cause: unknown) => events.warned('expired keys could not be removed', cause))
  }

  const resetPoll = (): void => {
    hasPolled = false
  }

  /** Checks for changes once per turn of the event loop: everything that a turn handles had arrived before it began. */
  function poll(): void {
    if (hasPolled) return
    // A request polls many times, and even detecting a new turn costs something.
    hasPolled = true
    queueMicrotask(resetPoll)
    const turn = performance.nodeTiming.uvMetricsInfo.loopCount
    if (turn === polled) return
    polled = turn
    checkForChanges()
  }

  function checkForChanges(): void {
    if (closed) return
    env.root.resetReadTxn()
    const generation = tables.generation()
    if (generation === seen) return
    const from = seen + 1
    seen = generation
    for (let number = from; number <= generation; number++) {
      const change = env.changes.get(number)
      if (change === undefined) return events.changed(undefined)
      if (change.keys.length > 0) events.changed(change.keys)
      for (const [channel, message] of change.messages) listeners.notify(channel, message)
    }
  }

  return {
    name: 'embedded',
    get: async (key) => tables.get(key) ?? tables.absent(key, 'string'),
    hashField: async (key, field) => tables.field(key, field) ?? tables.absent(key, 'hash'),
    hash: async (key) => tables.hash(key) ?? tables.absent(key, 'hash'),
    type: async (key) => tables.type(key),
    ttl: async (key) => tables.ttl(key),
    async write(operations) {
      if (operations.length === 0) return
      const bytes = probesDisk && !env.readOnly ? bytesIn(operations) : 0
      if (bytes > 0) await probeDisk(dir, bytes)
      const keys = [...new Set(operations.map(({ key }) => key))]
      await transact(keys, [], () => {
        for (const operation of operations) tables.apply(operation)
      })
    },
    async increment(increments) {
      const keys = increments.map(({ key }) => key)
      return transact(keys, [], () => increments.map((increment) => tables.increment(increment)))
    },
    async count(counts) {
      const keys = [...new Set(counts.map(({ key }) => key))]
      return transact(keys, [], () => tables.count(counts))
    },
    async take(takes) {
      const keys = takes.map(({ key }) => key)
      return transact(keys, [], () => takes.map((take) => tables.take(take)))
    },
    async *keys(prefix, count = 100) {
      let batch: string[] = []
      for (const key of tables.keys(prefix)) {
        if (batch.push(key) < count) continue
        yield batch
        batch = []
      }
      if (batch.length > 0) yield batch
    },
    async publish(channel, message) {
      await transact([], [[channel, message]], () => undefined)
    },
    async subscribe(channel, listener) {
      checkForChanges()
      listeners.add(channel, listener)
      return async () => void listeners.remove(channel, listener)
    },
    poll,
    async close() {
      closed = true
      clearInterval(timer)
      watcher?.close()
      sweeper?.close()
      const isClosed = env.root.close()
      // After a failed commit LMDB waits for its flush forever. All writes have been awaited before.
      if (hasFailed) await Promise.race([isClosed, delay(CLOSE_TIMEOUT)])
      else await isClosed
    }
  }
}

type CommitError = Error & { commitError?: Promise<never> }

/** LMDB passes the reason of a failed commit in a separate promise, and reports a full disk as EIO. */
async function explain(cause: CommitError, dir: string): Promise<Error> {
  const later = new Promise((resolve) => setImmediate(resolve, cause))
  const failure = cause.commitError ?? cause
  const reason = await Promise.race([later, failure]).catch((error: unknown) => error)
  const { message, code } = reason as Error & { code?: number | string }
  const isDisk = code === 5 || code === 28
  const error = new WriteFailed(isDisk ? `${dir}: is the disk full?` : message)
  error.cause = reason
  return error
}

function watchFile(file: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(file, { persistent: false }, onChange).on('error', () => undefined)
  } catch {
    return undefined
  }
}
