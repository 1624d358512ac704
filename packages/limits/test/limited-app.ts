import { useFacts } from '@reliw/http'
import { Entry, Keyspace, type Store } from '@reliw/model'
import { waitFor, type TestContext } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { limits, type LimitsOptions } from '../src/index.ts'

/** A request; what is left out is a GET of / at a.example from 192.0.2.1. */
export interface Asking {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  url?: string
  host?: string
  ip?: string
  headers?: Record<string, string>
}

/** What a client is told. */
export interface Told {
  status: number
  headers: Record<string, unknown>
}

export interface LimitedApp {
  app: FastifyInstance
  /** Asks without a socket, whose address could not be chosen. */
  ask: (asking?: Asking) => Promise<Told>
  /** The statuses of so many requests, one after the other. */
  statuses: (times: number, asking?: Asking) => Promise<number[]>
}

export interface AppParts {
  /** Path → entry, as stored; its id is the path without the slash. Other paths have one without limits. */
  entries?: Record<string, object>
}

const PLAIN = { methods: { GET: true } }
const keys = new Keyspace('RLW')

/** Builds an app that has every request held against its entry, as servers of sites do. The user is X-User. */
export async function buildApp(
  t: TestContext,
  options: LimitsOptions = {},
  { entries = {} }: AppParts = {}
): Promise<LimitedApp> {
  const app = Fastify()
  t.teardown(() => app.close())
  useFacts(app)
  app.addHook('onRequest', async (request) => {
    const user = request.headers['x-user']?.toString()
    if (user !== undefined) request.identity = { user, groups: [] }
  })
  await app.register(limits, options)
  const parsed = new Map(
    Object.entries(entries).map(([path, entry]) => {
      const key = keys.entry('a.example', path.slice(1))
      return [path, { ...Entry.parse({ ...PLAIN, ...entry }), key }]
    })
  )
  const plain = { ...Entry.parse(PLAIN), key: keys.entry('a.example', 'plain') }
  app.all('/*', async (request, reply) => {
    await app.limit(request, reply, parsed.get(request.facts.path) ?? plain)
    return 'served'
  })
  const ask: LimitedApp['ask'] = async (asking = {}) => {
    const { method = 'GET', url = '/', host = 'a.example', ip = '192.0.2.1' } = asking
    const headers = { host, ...asking.headers }
    const response = await app.inject({ method, url, headers, remoteAddress: ip })
    return { status: response.statusCode, headers: response.headers }
  }
  const statuses: LimitedApp['statuses'] = async (times, asking) => {
    const all: number[] = []
    for (let n = 0; n < times; n++) all.push((await ask(asking)).status)
    return all
  }
  return { app, ask, statuses }
}

/** Writes what holds for a site, as its operator would. */
export async function setSite({ driver, keys }: Store, value: object, host = 'a.example') {
  const text = JSON.stringify(value)
  await driver.write([{ op: 'set', key: keys.settings(host), value: text }])
}

/** Asks until the store has counted a request: on a busy machine it may answer too late to be waited for. */
export async function askCounted({ app, ask }: LimitedApp, asking?: Asking): Promise<void> {
  const { limiter } = app.limits
  await waitFor(async () => {
    const { fallbacks } = limiter
    await ask(asking)
    return limiter.fallbacks === fallbacks
  }, 'the store to count')
}
