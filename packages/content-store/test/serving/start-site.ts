import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { assumeFacts, type KnownFacts } from '@reliw/http'
import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { portOf, tempDir } from '@reliw/testing'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { contentStore, type ContentStoreOptions } from '../../src/index.ts'
import { type RequestOptions, type Response, sendRequest } from './send-request.ts'

/** The host of the tests' site. */
export const HOST = 'a.example'

/** A log line; those of content have `content`. */
export interface Line {
  level: number
  msg: string
  content?: { key?: string; mistake?: string; reason?: string }
  [field: string]: unknown
}

/** A server with one site in a store and a folder, both removed after the test. */
export interface Site {
  app: FastifyInstance
  store: Store
  port: number
  /** `data_dir` */
  dir: string
  log: Line[]
  /** All requests, in order. */
  requests: FastifyRequest[]
  /** One request on a connection of its own; to the tests' site unless `host` says otherwise. */
  get: (path: string, options?: RequestOptions) => Promise<Response>
  /** Writes a file below `data_dir`; a name without `/` in front lies in the site's folder. */
  write: (name: string, content: string | Buffer) => string
  /** Sets keys, named without their prefix; objects are written as JSON. */
  set: (values: Record<string, unknown>) => Promise<void>
  hset: (key: string, fields: Record<string, string | Buffer>) => Promise<void>
  delete: (key: string) => Promise<void>
}

type Options = Partial<ContentStoreOptions> & {
  entry?: object
  routes?: unknown[]
  /** Facts that the app replaces. */
  known?: (request: FastifyRequest) => KnownFacts
}

/** Starts a site with one route to one entry, both replaceable; in an embedded store unless there is another. */
export async function startSite(t: Test, options: Options = {}): Promise<Site> {
  const { entry = {}, routes = [['.*', 'all']], known, ...contentOptions } = options
  const store = options.store ?? (await openStore({ dir: tempDir(t) }))
  const dir = contentOptions.data_dir ?? tempDir(t)
  const log: Line[] = []
  const app = Fastify({ logger: { level: 'warn', stream: linesInto(log) } })
  const requests: FastifyRequest[] = []
  app.addHook('onRequest', async (request) => void requests.push(request))
  if (known !== undefined) assumeFacts(app, known)
  await app.register(contentStore, { store, data_dir: dir, ...contentOptions })
  await app.listen({ port: 0 })
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  const port = portOf(app.server)
  const site: Site = {
    app,
    store,
    port,
    dir,
    log,
    requests,
    get: (path, options = {}) => sendRequest(port, path, { host: HOST, ...options }),
    write(name, content) {
      const file = name.startsWith('/') ? join(dir, name) : join(dir, HOST, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    set: (values) =>
      store.driver.write(
        Object.entries(values).map(([key, value]) => ({
          op: 'set' as const,
          key: store.keys.complete(key),
          value: typeof value === 'string' ? value : JSON.stringify(value)
        }))
      ),
    hset: (key, fields) =>
      store.driver.write([{ op: 'hset', key: store.keys.complete(key), fields }]),
    delete: (key) => store.driver.write([{ op: 'delete', key: store.keys.complete(key) }])
  }
  await site.set({
    [`API:${HOST}`]: routes,
    [`API:${HOST}:all`]: { methods: { GET: true }, index: 'index.html', ...entry }
  })
  return site
}

function linesInto(log: Line[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trimEnd().split('\n')) log.push(JSON.parse(line) as Line)
      done()
    }
  })
}
