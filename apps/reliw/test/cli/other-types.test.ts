// Redis has lists, sets and more: a key of such a type must not keep a command from the other keys.

import { startRedis } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const isNeither = (key: string): string => `${key}: the type is neither string nor hash`

t.test('a key of another type is reported, and the keys after it are checked', async (t) => {
  const redis = await startRedis(t)
  const { run } = createWorkplace(t, { redis: { port: redis.port, db: 0 } })
  await redis.command('RPUSH', 'RLW:API:a.example', 'x')
  await redis.command('SADD', 'RLW:SITE:a.example', 'x')
  await redis.command('ZADD', 'RLW:BANS:192.0.2.1', 1, 'x')
  await redis.command('SET', 'RLW:API:b.example', '{')
  const expected = [
    isNeither('RLW:API:a.example'),
    /^RLW:API:b.example: not valid JSON/,
    isNeither('RLW:BANS:192.0.2.1'),
    isNeither('RLW:SITE:a.example')
  ]
  const plain = await run(['check', '--store'])
  t.match(plain, { code: 1, stdout: '' })
  t.match(plain.stderr.trimEnd().split('\n').toSorted(), expected)
  const json = await run(['check', '--store', '--json'])
  t.match(json, { code: 1, stderr: '' })
  const { mistakes } = JSON.parse(json.stdout) as { mistakes: string[] }
  t.match(mistakes.toSorted(), expected)
  t.equal(mistakes.length, expected.length)
})

t.test('sessions are listed and ended despite a key of another type', async (t) => {
  const redis = await startRedis(t)
  const { run } = createWorkplace(t, { redis: { port: redis.port, db: 0 } })
  const session = {
    user: 'jo',
    groups: [],
    created: Date.now(),
    ip: '192.0.2.1',
    agent: '',
    second_factor: false
  }
  const key = `RLW:SESSIONS:a.example:${'a'.repeat(43)}`
  await redis.command('SET', key, JSON.stringify(session))
  await redis.command('RPUSH', `RLW:SESSIONS:a.example:${'b'.repeat(43)}`, 'x')
  const { code, stdout, stderr } = await run(['sessions', 'list', 'a.example', '--json'])
  t.strictSame({ code, stderr }, { code: 0, stderr: '' })
  t.match(JSON.parse(stdout), { sessions: [{ user: 'jo' }] })
})
