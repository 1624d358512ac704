import { type Driver, type Increment, type Operation, StoreUnavailable } from '@reliw/model'
import { type ChainableCommander, Cluster } from 'ioredis'
import type { DriverEvents } from '../driver-events.ts'
import { WriteFailed, wrongType } from '../errors.ts'
import { Listeners } from '../listeners.ts'
import { countEach } from './count.ts'
import type { RedisSettings } from './options.ts'
import { defineTake, takeAll } from './take.ts'
import { connect } from './topology.ts'

/** Error replies by which a reachable Redis refuses a command: faults, not outages. */
const REFUSAL =
  /^(WRONGTYPE|NOPERM|ERR|NOSCRIPT|EXECABORT|CROSSSLOT|MISCONF|OOM|READONLY|NOREPLICAS)\b/

/** The data model in Redis: standalone, behind Sentinel, or a Cluster. */
export function openRedis(
  settings: RedisSettings,
  prefixes: readonly string[],
  events: DriverEvents
): Driver {
  const listeners = new Listeners()
  const topology = connect(settings, prefixes, {
    changed: events.changed,
    up: events.connected,
    down: events.disconnected,
    failed: (cause) => events.warned('store not available', cause),
    message: (channel, message) => listeners.notify(channel, message)
  })
  const { client } = topology
  defineTake(client)

  return {
    name: 'redis',
    async get(key) {
      return (await read(key, 'string', client.getBuffer(key))) ?? undefined
    },
    async hashField(key, field) {
      return (await read(key, 'hash', client.hgetBuffer(key, field))) ?? undefined
    },
    async hash(key) {
      const fields = await read(key, 'hash', client.hgetallBuffer(key))
      return Object.keys(fields).length === 0 ? undefined : fields
    },
    async type(key) {
      const type = await awaitReply(client.type(key))
      if (type === 'none') return undefined
      return type === 'string' || type === 'hash' ? type : 'other'
    },
    async ttl(key) {
      const left = await awaitReply(client.pttl(key))
      return left < 0 ? undefined : left
    },
    async write(operations) {
      if (operations.length === 0) return
      if (client instanceof Cluster) return writeInOrder(client, operations)
      const transaction = client.multi()
      for (const operation of operations) enqueue(transaction, operation)
      await settle(transaction)
    },
    async increment(increments) {
      if (client instanceof Cluster) return incrementEach(client, increments)
      const pipeline = client.pipeline()
      for (const increment of increments) enqueueIncrement(pipeline, increment)
      const replies = await settle(pipeline)
      return takeCounts(replies, increments)
    },
    count: (counts) => awaitReply(countEach(client, counts)),
    async take(takes) {
      if (takes.length === 0) return []
      if (!(client instanceof Cluster)) return awaitReply(takeAll(client, takes))
      // Keys of a cluster live on different servers: one command each.
      const taken = takes.map(async (take) => takeAll(client, [take]))
      return (await awaitReply(Promise.all(taken))).flat()
    },
    async *keys(prefix, count = 100) {
      for (const node of topology.masters()) {
        let cursor = '0'
        do {
          const scan = node.scan(cursor, 'MATCH', `${escapeGlob(prefix)}*`, 'COUNT', count)
          const [next, keys] = await awaitReply(scan)
          cursor = next
          // Empty batches too: a caller that bounds the search must regain control after each step.
          yield keys
        } while (cursor !== '0')
      }
    },
    async publish(channel, message) {
      await awaitReply(client.publish(channel, message))
    },
    async subscribe(channel, listener) {
      if (listeners.add(channel, listener)) await awaitReply(topology.subscribe(channel))
      return async () => {
        if (listeners.remove(channel, listener)) await awaitReply(topology.unsubscribe(channel))
      }
    },
    async close() {
      topology.close()
    }
  }
}

/** Awaits a reply. A refused command rejects with WriteFailed, any other error with StoreUnavailable. */
async function awaitReply<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (cause) {
    throw translate(cause as Error)
  }
}

/** As `awaitReply`, for a read: a key of another type rejects with InvalidValue, like a value that cannot be decoded. */
async function read<T>(key: string, expected: 'string' | 'hash', reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (cause) {
    if ((cause as Error).message.startsWith('WRONGTYPE')) throw wrongType(key, expected)
    throw translate(cause as Error)
  }
}

function translate(cause: Error): Error {
  const refused = REFUSAL.test(cause.message)
  const error = refused ? new WriteFailed(cause.message) : new StoreUnavailable()
  error.cause = cause
  return error
}

async function settle(commands: ChainableCommander): Promise<unknown[]> {
  const replies = (await awaitReply(commands.exec())) ?? []
  for (const [error] of replies) if (error) throw translate(error)
  return replies.map(([, reply]) => reply)
}

/** Keys of a cluster live on different servers, which share no transaction: operations run one by one. */
async function writeInOrder(cluster: Cluster, operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) {
    const pipeline = cluster.pipeline()
    enqueue(pipeline, operation)
    await settle(pipeline)
  }
}

async function incrementEach(
  cluster: Cluster,
  increments: readonly Increment[]
): Promise<number[]> {
  const counts = increments.map(async (increment) => {
    const pipeline = cluster.pipeline()
    enqueueIncrement(pipeline, increment)
    return takeCounts(await settle(pipeline), [increment])
  })
  return (await Promise.all(counts)).flat()
}

function enqueue(commands: ChainableCommander, operation: Operation): void {
  switch (operation.op) {
    case 'set':
      if (operation.ttl === undefined) commands.set(operation.key, operation.value)
      else commands.set(operation.key, operation.value, 'PX', operation.ttl)
      break
    case 'delete':
      commands.del(operation.key)
      break
    case 'hset':
      commands.hset(operation.key, operation.fields)
      break
    case 'hdelete':
      commands.hdel(operation.key, operation.field)
      break
    case 'expire':
      commands.pexpire(operation.key, operation.ttl)
      break
  }
}

/** A counter with a lifetime is created at 0 with that lifetime (SET NX); one round trip with or without it. */
function enqueueIncrement(commands: ChainableCommander, { key, field, by, ttl }: Increment): void {
  if (field !== undefined) commands.hincrby(key, field, by)
  else if (ttl === undefined) commands.incrby(key, by)
  else commands.set(key, 0, 'PX', ttl, 'NX').incrby(key, by)
}

function takeCounts(replies: unknown[], increments: readonly Increment[]): number[] {
  let at = 0
  return increments.map(({ field, ttl }) => {
    if (field === undefined && ttl !== undefined) at++
    return Number(replies[at++])
  })
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)
}
