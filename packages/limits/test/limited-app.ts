import { useFacts } from '@reliw/http'
import { Entry, Keyspace, type Store } from '@reliw/model'
import { waitFor, type TestContext } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { limits, type LimitsOptions } from '../src/index.ts'

/** A request; what is left out is a GET of / at a.example from 192.0.2.1. */
export interface RequestOptions {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  url?: string
  host?: string
  ip?: string
  headers?: Record<string, string>
}

/** The part of a response that tests check. */
export interface Received {
  status: number
  headers: Record<string, unknown>
}

export interface LimitedApp {
  app: FastifyInstance
  /** Sends a request without a socket, whose address could not be chosen. */
  send: (requested?: RequestOptions) => Promise<Received>
  /** The statuses of so many requests, one after the other. */
  statuses: (times: number, requested?: RequestOptions) => Promise<number[]>
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
  const send: LimitedApp['send'] = async (requested = {}) => {
    const { method = 'GET', url = '/', host = 'a.example', ip = '192.0.2.1' } = requested
    const headers = { host, ...requested.headers }
    const response = await app.inject({ method, url, headers, remoteAddress: ip })
    return { status: response.statusCode, headers: response.headers }
  }
  const statuses: LimitedApp['statuses'] = async (times, requested) => {
    const all: number[] = []
    for (let n = 0; n < times; n++) all.push((await send(requested)).status)
    return all
  }
  return { app, send, statuses }
}

/** Writes what holds for a site, as its operator would. */
export async function setSite({ driver, keys }: Store, value: object, host = 'a.example') {
  const text = JSON.stringify(value)
  await driver.write([{ op: 'set', key: keys.settings(host), value: text }])
}

/** Sends requests until the store has counted a request: on a busy machine it may respond too late to be waited for. */
export async function sendCounted(
  { app, send }: LimitedApp,
  requested?: RequestOptions
): Promise<void> {
  const { limiter } = app.limits
  await waitFor(async () => {
    const { fallbacks } = limiter
    await send(requested)
    return limiter.fallbacks === fallbacks
  }, 'the store to count')
}
