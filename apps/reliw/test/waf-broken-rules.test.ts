import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import type { Line } from './log-lines.ts'
import { openSites } from './site-writer.ts'
import { type Guarded, SITES, startGuarded } from './waf-site.ts'

const GOOD = { query: ['attack'] }
const WRONG = {
  'no JSON': '{"query": ["s3cret',
  'no rules': '["s3cret"]',
  'an unknown field': { qery: ['s3cret'] },
  'a pattern that is none': { query: ['s3cret['] },
  'an unknown mode': { mode: 's3cret', query: ['attack'] },
  'an unknown action': { action: { status: 's3cret' }, query: ['attack'] },
  'an exclusion of nothing': { query: ['attack'], exclusions: [{ reason: 's3cret' }] }
}

async function statusOf({ get }: Guarded, host: string, path = '/x'): Promise<number> {
  return (await get(path, { host })).status
}

test('a host whose rules were never valid is refused; others are served', async (t) => {
  const hosts = Object.entries(WRONG).map(([what, rules], at) => ({
    what,
    host: `w${at}.example`,
    rules
  }))
  const wrong = Object.fromEntries(hosts.map(({ host, rules }) => [host, rules]))
  const server = await startGuarded(t, { __: GOOD, ...wrong })
  for (const { what, host } of hosts) {
    for (const path of ['/x', '/x?attack', '/.well-known/acme-challenge/x']) {
      const { status, text } = await server.get(path, { host })
      t.equal(status, 500, `${what}: ${path}`)
      t.notMatch(text, /s3cret|WAF|RLW/)
    }
    const store = { key: `RLW:WAF ${host}` }
    const isOf = ({ msg, ...line }: Line): boolean =>
      msg === 'stored value rejected' && JSON.stringify(line).includes(store.key)
    t.match(server.log.find(isOf), { level: 50, store }, what)
  }
  t.notMatch(JSON.stringify(server.log), /s3cret/)
  t.equal(await statusOf(server, 'b.example'), 200)
  t.equal(await statusOf(server, 'b.example', '/x?attack'), 403)
  for (const { what, host } of hosts) {
    await server.rule({ [host]: { query: ['other'] } })
    await waitFor(async () => (await statusOf(server, host, '/x?other')) === 403, what)
    t.equal(await statusOf(server, host), 404, 'mended')
  }
})

test('if the rules of all hosts were never valid, every host is refused', async (t) => {
  const server = await startGuarded(t, { __: '{', 'a.example': GOOD })
  t.equal(await statusOf(server, 'a.example'), 500)
  t.equal(await statusOf(server, 'a.example', '/x?attack'), 500)
  t.equal(await statusOf(server, 'b.example'), 500)
  t.equal(await statusOf(server, 'c.example'), 500, 'one that there is not')
  await server.rule({ __: undefined })
  await waitFor(async () => (await statusOf(server, 'b.example')) === 200, 'the mending')
  t.equal(await statusOf(server, 'a.example', '/x?attack'), 403)
})

test('invalid rules of a host and of all hosts refuse every request', async (t) => {
  const server = await startGuarded(t, { __: '{', 'a.example': '[' })
  for (let turn = 0; turn < 20; turn++) {
    t.equal(await statusOf(server, 'a.example'), 500)
    await server.rule({ [turn % 2 === 0 ? '__' : 'a.example']: `{${turn}` })
  }
})

test('rules under a key of another type refuse every request', async (t) => {
  const server = await startGuarded(t, {})
  await server.rule({})
  await server.redis.command('SET', 'RLW:WAF', JSON.stringify(GOOD))
  await waitFor(async () => (await statusOf(server, 'a.example')) >= 500, 'the refusal')
  for (const path of ['/x', '/x?attack']) {
    t.ok((await statusOf(server, 'a.example', path)) >= 500, path)
    t.ok((await statusOf(server, 'b.example', path)) >= 500, path)
  }
  await server.redis.command('DEL', 'RLW:WAF')
  await server.rule({ __: GOOD })
  await waitFor(async () => (await statusOf(server, 'a.example', '/x?attack')) === 403, 'rules')
  t.equal(await statusOf(server, 'a.example'), 200)
})

test('a Redis that loses everything loses the rules, too', async (t) => {
  const server = await startGuarded(t, { __: GOOD })
  t.equal(await statusOf(server, 'a.example', '/x?attack'), 403)
  await server.redis.command('SELECT', 13)
  await server.redis.command('FLUSHDB')
  await openSites(t, { redis: { port: server.redis.port } }, SITES)
  await waitFor(async () => (await statusOf(server, 'a.example', '/x?attack')) === 200, 'the end')
})
