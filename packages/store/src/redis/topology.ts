import { type Cluster, Redis } from 'ioredis'
import { guarded } from '@reliw/options'
import { connectCluster, connectOptions, connectSingle } from './connect.ts'
import { type NoticeEvents, Notices } from './notices.ts'
import type { RedisSettings } from './options.ts'

/** A Redis deployment as the driver uses it, whatever its shape. */
export interface Topology {
  /** Sends commands. */
  readonly client: Redis | Cluster
  /** The servers that hold keys: the standalone server, or the masters of a cluster. */
  masters(): Redis[]
  subscribe(channel: string): Promise<void>
  unsubscribe(channel: string): Promise<void>
  close(): void
}

/**
 * Connects as configured. `up` and `down` describe the whole deployment: while it is up, commands work and no
 * invalidation message is missed.
 */
export function connect(
  settings: RedisSettings,
  prefixes: readonly string[],
  events: NoticeEvents
): Topology {
  // The client calls them from listeners of its sockets: what the app's logger throws must not end the process.
  const safe = guardEvents(events)
  return settings.cluster
    ? connectToCluster(settings, prefixes, safe)
    : connectToOne(settings, prefixes, safe)
}

/** Errors that the guard drops have been published on the channel of faults. */
function drop(): void {}

function guardEvents({ changed, up, down, failed, message }: NoticeEvents): NoticeEvents {
  return {
    changed: guarded(changed, drop),
    up: guarded(up, drop),
    down: guarded(down, drop),
    failed: guarded(failed, drop),
    message: guarded(message, drop)
  }
}

function connectToOne(
  settings: RedisSettings,
  prefixes: readonly string[],
  events: NoticeEvents
): Topology {
  const client = connectSingle(settings)
  const deployment = new Deployment(events, () => client.status === 'ready' && notices.isUp)
  client.on('ready', () => deployment.check())
  client.on('close', () => deployment.check())
  client.on('error', (error: Error) => deployment.fail(error))
  const notices = new Notices(connectSingle(settings), prefixes, {
    ...events,
    up: () => deployment.check(),
    down: (cause) => deployment.check(cause),
    failed: (cause) => deployment.fail(cause)
  })
  client.connect().catch(() => undefined)
  return {
    client,
    masters: () => [client],
    subscribe: (channel) => notices.subscribe(channel),
    unsubscribe: (channel) => notices.unsubscribe(channel),
    close() {
      deployment.close()
      notices.close()
      client.disconnect()
    }
  }
}

/**
 * Connects to a Redis Cluster. Every node, replicas too, sends invalidation messages: after a failover, those of the
 * new master already arrive.
 */
function connectToCluster(
  settings: RedisSettings,
  prefixes: readonly string[],
  events: NoticeEvents
): Topology {
  const cluster = connectCluster(settings)
  const nodes = new Map<string, Notices>()
  const channels = new Set<string>()
  const deployment = new Deployment(events, () => cluster.status === 'ready' && mastersAreWatched())
  const parts: NoticeEvents = {
    ...events,
    up: () => deployment.check(),
    down: (cause) => deployment.check(cause),
    failed: (cause) => deployment.fail(cause)
  }

  function mastersAreWatched(): boolean {
    const masters = cluster.nodes('master')
    return masters.length > 0 && masters.every((node) => nodes.get(nameOf(node))?.isUp)
  }
  cluster.on('+node', (node: Redis) => {
    const { host, port } = node.options
    const client = new Redis({ ...connectOptions(settings), host: host ?? '', port: port ?? 0 })
    nodes.get(nameOf(node))?.close()
    nodes.set(nameOf(node), new Notices(client, prefixes, parts))
    deployment.check()
  })
  cluster.on('-node', (node: Redis) => {
    nodes.get(nameOf(node))?.close()
    nodes.delete(nameOf(node))
    deployment.check()
  })
  cluster.on('ready', () => {
    deployment.check()
    if (channels.size > 0) cluster.subscribe(...channels).catch(() => undefined)
  })
  cluster.on('close', () => deployment.check())
  cluster.on('error', (error: Error) => deployment.fail(error))
  cluster.on('message', events.message)
  cluster.connect().catch(() => undefined)
  return {
    client: cluster,
    masters: () => cluster.nodes('master'),
    async subscribe(channel) {
      channels.add(channel)
      if (cluster.status === 'ready') await cluster.subscribe(channel)
    },
    async unsubscribe(channel) {
      channels.delete(channel)
      if (cluster.status === 'ready') await cluster.unsubscribe(channel)
    },
    close() {
      deployment.close()
      for (const notices of nodes.values()) notices.close()
      cluster.disconnect()
    }
  }
}

function nameOf(node: Redis): string {
  return `${node.options.host}:${node.options.port}`
}

/** Largest number of distinct errors that are reported per outage. */
const MAX_REPORTED = 20

/** Combines the states of all connections into one state of the deployment, and reports each change of it once. */
class Deployment {
  readonly #events: NoticeEvents
  readonly #works: () => boolean
  #isUp = false
  #isClosed = false
  #cause: Error | undefined
  /** Messages of the errors reported since the deployment last worked. */
  readonly #reported = new Set<string>()

  constructor(events: NoticeEvents, works: () => boolean) {
    this.#events = events
    this.#works = works
  }

  check(cause?: Error): void {
    if (this.#isClosed) return
    if (cause !== undefined) this.#cause = cause
    const was = this.#isUp
    this.#isUp = this.#works()
    if (this.#isUp === was) return
    if (!this.#isUp) return this.#events.down(this.#cause ?? new Error('the connection was closed'))
    this.#cause = undefined
    this.#reported.clear()
    this.#events.up()
  }

  /** Reports each distinct error once per outage. */
  fail(cause: Error): void {
    if (this.#isClosed) return
    this.#cause = cause
    if (this.#isUp || this.#reported.size >= MAX_REPORTED || this.#reported.has(cause.message))
      return
    this.#reported.add(cause.message)
    this.#events.failed(cause)
  }

  close(): void {
    this.#isClosed = true
  }
}
