import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { hammer } from './waf-hammer.ts'
import { type Guarded, startGuarded } from './waf-site.ts'

const OLD = { query: ['[?&]old=1'] }
const NEW = { query: ['never there', '[?&]new=1'] }
const QUIET = { log_level: 'warn' } as const
const CHANGES = 60

const run = promisify(execFile)

/** Runs redis-cli on the server's Redis. */
async function cli({ redis }: Guarded, ...words: string[]): Promise<void> {
  const { stdout } = await run('redis-cli', ['-p', `${redis.port}`, '-n', '13', ...words])
  if (!/^\d+\n$/.test(stdout)) throw new Error(stdout)
}

async function statuses({ get }: Guarded, ...paths: string[]): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await get(path)).status))
}

function lastRule({ verdicts }: Guarded): string | undefined {
  return verdicts().at(-1)?.waf.rule
}

test('rules changed with redis-cli apply to the next request', async (t) => {
  const server = await startGuarded(t, { 'a.example': OLD })
  t.same(await statuses(server, '/x?old=1', '/x?new=1', '/x'), [403, 200, 200])
  await cli(server, 'HSET', 'RLW:WAF', 'a.example', JSON.stringify(NEW))
  await waitFor(async () => (await server.get('/x?new=1')).status === 403, 'the new rules')
  t.same(await statuses(server, '/x?old=1', '/x?new=1', '/x'), [200, 403, 200])
  await cli(server, 'HSET', 'RLW:WAF', '__', JSON.stringify(OLD))
  await waitFor(async () => (await server.get('/x?old=1')).status === 403, 'rules of all hosts')
  t.equal((await server.get('/x?old=1', { host: 'b.example' })).status, 403)
  t.equal((await server.get('/x?new=1', { host: 'b.example' })).status, 200)
  await cli(server, 'DEL', 'RLW:WAF')
  await waitFor(async () => (await server.get('/x?old=1')).status === 200, 'no rules')
  t.same(await statuses(server, '/x?old=1', '/x?new=1'), [200, 200])
})

test('under load, every request is held against the old rules or the new ones', async (t) => {
  const server = await startGuarded(t, { 'a.example': OLD }, {}, QUIET)
  const { further, stop, ...hammered } = hammer(t, server.port, '/x?old=1&new=1')
  for (let change = 0; change < CHANGES; change++) {
    await server.rule({ 'a.example': change % 2 === 0 ? NEW : OLD })
    await further(10)
  }
  await server.rule({ 'a.example': NEW })
  await waitFor(() => lastRule(server) === 'a.example/query/2', 'the last rules')
  const before = server.verdicts().length
  await further(50)
  await stop()
  t.same([...hammered.statuses.keys()], [403])
  const rules = server.verdicts().map(({ waf }) => waf.rule)
  t.equal(rules.length, hammered.count(), 'each was judged')
  t.same(new Set(rules), new Set(['a.example/query/1', 'a.example/query/2']))
  // Those that were under way when the rules changed may still have met the old ones.
  t.same(new Set(rules.slice(before + 12)), new Set(['a.example/query/2']))
})

test('under load, rules of all hosts hold while those of a host come and go', async (t) => {
  const all = { query: ['[?&]all=1'] }
  const server = await startGuarded(t, { __: all, 'a.example': OLD }, {}, QUIET)
  const { further, stop, ...hammered } = hammer(t, server.port, '/x?all=1')
  for (let change = 0; change < CHANGES; change++) {
    await server.rule({ 'a.example': change % 2 === 0 ? undefined : OLD })
    await further(10)
  }
  await stop()
  t.same([...hammered.statuses.keys()], [403])
  t.ok(server.verdicts().every(({ waf }) => waf.rule === '__/query/1'))
})

test('under load, rules that are deleted and set in one transaction are never missing', async (t) => {
  const server = await startGuarded(t, { 'a.example': OLD }, {}, QUIET)
  const { redis, port } = server
  const { further, stop, ...hammered } = hammer(t, port, '/x?old=1&new=1')
  for (let change = 0; change < CHANGES; change++) {
    const rules = JSON.stringify(change % 2 === 0 ? NEW : OLD)
    await redis.command('MULTI')
    await redis.command('HDEL', 'RLW:WAF', 'a.example')
    await redis.command('HSET', 'RLW:WAF', 'a.example', rules)
    await redis.command('EXEC')
    await further(10)
  }
  await stop()
  t.same([...hammered.statuses.keys()], [403])
})
