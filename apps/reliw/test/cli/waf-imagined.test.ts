import { join } from 'node:path'
import { openStore } from '@reliw/store'
import t from 'tap'
import { createWorkplace, type Outcome } from './run-cli.ts'

const SOON = new Date(Date.now() + 3_600_000).toISOString()
const RULES = {
  __: { query: ['all'], headers: { 'user-agent': ['bot'] } },
  'a.example': {
    query: ['attack', 'größe', 'union select'],
    headers: { host: ['^a%.'], 'x-name': ['^ü$'] },
    exclusions: [
      { rule: 'attack', path: '^/search$', expires: SOON },
      { header: 'host', rule: '^a%.' }
    ]
  },
  'detect.example': { query: ['attack'], mode: 'detect' },
  'slow.example': { query: ['.*.*.*!'] },
  'off.example': { query: ['attack'], mode: 'off' }
}

const { run, dir } = createWorkplace(t, { waf: { action: { status: 451 } } })
const store = await openStore({ dir: join(dir, 'reliw-store') })
for (const [owner, rules] of Object.entries(RULES))
  await store.driver.write([
    { op: 'hset', key: store.keys.waf(), fields: { [owner]: JSON.stringify(rules) } }
  ])
await store.close()

/** What is said of a request, as text. */
async function test(host: string, url: string, ...words: string[]): Promise<Outcome> {
  const { stdout, ...rest } = await run(['waf', 'test', '--host', host, '--url', url, ...words])
  return { ...rest, stdout: Buffer.from(stdout, 'latin1').toString() }
}

/** The last line of what is said, which is the verdict. */
async function verdict(...words: Parameters<typeof test>): Promise<string | undefined> {
  const { code, stdout, stderr } = await test(...words)
  return code === 0 && stderr === '' ? stdout.trimEnd().split('\n').at(-1) : stderr
}

const BLOCKED = 'Blocked by a.example/query/'

await t.test('`waf test` prints the verdict', async (t) => {
  const said: [Parameters<typeof test>, string][] = [
    [['none.example', '/all'], 'Blocked by __/query/1: {"status":451}'],
    [['A.EXAMPLE', '/x?q=%75nion+select'], `${BLOCKED}3: {"status":451}`],
    [['a.example', '/größe'], `${BLOCKED}2: {"status":451}`],
    [['a.example', '/', '-H', 'X-Name: ü'], 'Blocked by a.example/header:x-name/1: {"status":451}'],
    [
      ['a.example', '/', '-H', 'A: b', '-H', 'USER-AGENT:a bot', '--method', 'POST'],
      'Blocked by __/header:user-agent/1: {"status":451}'
    ],
    [['detect.example', '/attack'], 'Passed, and logged: detect.example/query/1 (mode detect).'],
    [['off.example', '/attack'], 'Passed: mode is off.'],
    [
      ['slow.example', `/${'a'.repeat(200)}`],
      'Blocked by slow.example/query/1, which exhausts the budget: {"status":451}'
    ]
  ]
  const asked = said.map(async ([words, line]) => t.equal(await verdict(...words), line))
  await Promise.all(asked)
})

await t.test('`waf test` prints all matches, excluded ones too', async (t) => {
  const { code, stdout } = await test('a.example', '/search?attack', '-H', 'User-Agent: bot')
  t.equal(code, 0)
  t.same(stdout.split('\n'), [
    '__/header:user-agent/1 matches "bot" in header:user-agent: "bot"',
    'a.example/query/1 matches "attack" in query: "/search?attack" (excluded)',
    'a.example/header:host/1 matches "^a%." in header:host: "a.example" (excluded)',
    'Blocked by __/header:user-agent/1: {"status":451}',
    ''
  ])
  t.equal(await verdict('a.example', '/search?attack'), 'Passed.')
})

await t.test('programs get JSON', async (t) => {
  const all = await test('__', '/all', '--json')
  t.match(JSON.parse(all.stdout), { verdict: 'block', rule: '__/query/1', findings: { length: 1 } })
  const { stdout } = await test('a.example', '/größe', '--json')
  t.match(JSON.parse(stdout), {
    verdict: 'block',
    rule: 'a.example/query/2',
    isOverBudget: false,
    mode: 'block',
    action: { status: 451 },
    findings: [{ pattern: 'größe', where: 'query', value: '/größe', isExcluded: false }, {}]
  })
})

t.test('an impossible request is refused', async (t) => {
  const url = '--url: expected a path, such as /x?y.\n'
  const refused: [Parameters<typeof test>, string | RegExp][] = [
    [['no host', '/'], '"no host" is not a valid host.\n'],
    [['a.example', 'http://a.example/'], url],
    [['a.example', '/a b'], url],
    [['a.example', '/', '-H', 'nonsense'], /^"nonsense" is not a header/],
    [['a.example', '/', '-H', 'a: b\r\nc: d'], /is not a header/],
    [['a.example', '/', '-H', 'host: b.example'], 'Host is not a.example\n']
  ]
  const asked = refused.map(async ([words, stderr]) => {
    t.match(await test(...words), { code: 1, stdout: '', stderr }, words.join(' '))
  })
  await Promise.all(asked)
  t.match(await run(['waf', 'test', '--host', 'a.example']), { code: 1, stderr: /--url <target>/ })
})
