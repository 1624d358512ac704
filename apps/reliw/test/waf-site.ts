// Sites with rules in a Redis, served by the whole server.

import { type RedisServer, startRedis, type TestContext } from '@reliw/testing'
import type { Config } from '../src/index.ts'
import { ask, type Reply } from './cli/serving.ts'
import type { Line } from './log-lines.ts'
import { type Server, startServer } from './start-server.ts'

/** Every path of these sites is a text of its own, where nothing else is said. */
export const SITES: Readonly<Record<string, unknown>> = Object.fromEntries(
  ['a.example', 'b.example'].flatMap((host) => [
    [`API:${host}`, [['^/', 'all']]],
    [`API:${host}:all`, { methods: { GET: true } }],
    [`FILES:${host}:/x`, { content: 'what is there' }]
  ])
)

/** Rules by their owner: a host, or `__`. A string is stored as it is, all else as JSON. */
export type Rules = Readonly<Record<string, unknown>>

export interface Guarded extends Server {
  redis: RedisServer
  /** Asks for a path of a.example. */
  get: (path: string, headers?: Record<string, string>) => Promise<Reply>
  /** Changes rules, as an operator at redis-cli would; `undefined` deletes. */
  rule: (rules: Rules) => Promise<void>
  /** The log's lines about rules that found something. */
  verdicts: () => Verdict[]
}

/** Such a line. */
export type Verdict = Line & { client_ip: string; waf: { action: string; rule: string } }

/** Starts Redis and a server in which the rules are in force from the first request on. */
export async function startGuarded(
  t: TestContext,
  rules: Rules,
  values: Readonly<Record<string, unknown>> = {},
  config: Config = {}
): Promise<Guarded> {
  const redis = await startRedis(t)
  const rule = writerOf(redis)
  await rule(rules)
  const options = { ...config, redis: { port: redis.port, timeout: '500ms' } }
  const server = await startServer(t, { ...SITES, ...values }, options)
  return {
    ...server,
    redis,
    rule,
    get: async (path, headers) => ask(server.port, path, headers),
    verdicts: () => server.log.filter(isVerdict)
  }
}

function writerOf(redis: RedisServer): Guarded['rule'] {
  return async (rules) => {
    await redis.command('SELECT', 13)
    for (const [owner, value] of Object.entries(rules)) {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      if (value === undefined) await redis.command('HDEL', 'RLW:WAF', owner)
      else await redis.command('HSET', 'RLW:WAF', owner, text)
    }
  }
}

function isVerdict(line: Line): line is Verdict {
  return line.msg === 'waf'
}
