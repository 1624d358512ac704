import type { ChildProcess } from 'node:child_process'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { endProcess, startRedisProcess } from './redis-process.ts'
import type { TestContext } from './test-context.ts'

/** What a server is started with. */
export interface RedisServerSetup {
  port: number
  /** The process's folder and command line. */
  dir: string
  args: string[]
  password?: string | undefined
  /** The authority's certificate, as PEM and as a file, when the server speaks TLS. */
  tls?: { ca: string; caFile: string } | undefined
  /** Where cluster nodes talk to one another. Default 0: it is none. */
  busPort?: number
}

/** What ioredis needs to connect. */
export interface RedisAddress {
  host: string
  port: number
  password?: string
  tls?: { ca: string }
}

export const HOST = '127.0.0.1'
const ATTEMPTS = 10

/** A running `redis-server`; made by `startRedis`. */
export class RedisServer {
  readonly host = HOST
  readonly port: number
  readonly busPort: number
  /** The authority's certificate as a PEM file, when the server speaks TLS. */
  readonly caFile: string | undefined
  /** For `new Redis(options)`. */
  readonly options: RedisAddress
  /** `redis://:password@host:port`, or `rediss:` with TLS. */
  readonly url: string
  readonly #dir: string
  readonly #args: string[]
  #process: ChildProcess | undefined
  #client: Redis | undefined

  constructor({ port, busPort = 0, dir, args, password, tls }: RedisServerSetup) {
    this.port = port
    this.busPort = busPort
    this.caFile = tls?.caFile
    this.options = {
      host: HOST,
      port,
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls: { ca: tls.ca } })
    }
    const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`
    this.url = `${tls === undefined ? 'redis' : 'rediss'}://${login}${HOST}:${port}`
    this.#dir = dir
    this.#args = args
  }

  /** The process id, or undefined while it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Sends one command and resolves to its reply in RESP2 types. Rejects with its error. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    this.#client ??= connectTo(this.options)
    return this.#client.call(name, ...args)
  }

  /** Ends it in order (SIGTERM). */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Ends it as a crash would. */
  kill9(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Ends it, if it runs, and starts it again: empty, and on the same port. */
  async restart(): Promise<void> {
    await this.kill9()
    this.#process = await startRedisProcess(this.#args, this.#dir)
  }

  /** Freezes it (SIGSTOP): connections stay and new ones are taken, but there are no responses. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  /** Ends a pause (SIGCONT). */
  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#client?.disconnect()
    this.#client = undefined
    if (this.#process !== undefined) await endProcess(this.#process, signal)
    this.#process = undefined
  }
}

/** Starts a server that ends with the test. `setUp` is asked again when its ports are taken. */
export async function launch(
  t: TestContext | undefined,
  setUp: (port: number, busPort: number) => RedisServerSetup
): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new RedisServer(setUp(await freePort(), await freePort()))
    try {
      await server.restart()
      t?.teardown(() => server.kill9())
      return server
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('already in use')) throw error
    }
  }
}

function connectTo(options: RedisAddress): Redis {
  const client = new Redis({ ...options, protocol: 2, maxRetriesPerRequest: 1 })
  // A failed command rejects; that the connection failed is no news then.
  client.on('error', () => undefined)
  return client
}
