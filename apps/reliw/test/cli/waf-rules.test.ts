import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const OWN = {
  query: ['ü', 'attack'],
  headers: { 'User-Agent': ['bot'] },
  mode: 'detect',
  action: { redirect: '/sorry' },
  exclusions: [{ path: '^/ü', expires: '2030-01-01', reason: 'a false alarm' }]
}
const ALL = { query: ['all'], ip_header: 'X-Client' }

const { run, reliw, dir } = createWorkplace(t)
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

await t.test('a store without rules is reported', async (t) => {
  const said = await Promise.all([reliw('waf', 'list'), reliw('waf', 'list', '--json')])
  t.same(said, ['There are no rules.\n', '{"rules":[]}\n'])
})

await t.test('rules are set from the command line, a file, and stdin', async (t) => {
  const own = await reliw('waf', 'set', 'A.Example', JSON.stringify({ query: ['x'] }))
  t.equal(own, 'a.example: 1 rule in force.\n')
  writeFileSync(join(dir, 'rules.json'), JSON.stringify(OWN))
  t.equal(await reliw('waf', 'set', 'a.example', '@rules.json'), 'a.example: 3 rules in force.\n')
  const all = await run(['waf', 'set', '__', '-'], JSON.stringify(ALL))
  t.same(all, { code: 0, stdout: '__: 1 rule in force.\n', stderr: '' })
})

await t.test('rules are listed with names, mode, action and exclusions', async (t) => {
  const lines = utf8(await reliw('waf', 'list'))
    .trimEnd()
    .split('\n')
  t.same(lines.toSorted(), [
    '__/query/1                     all',
    '__: ip_header is "X-Client"',
    'a.example/header:user-agent/1  bot',
    'a.example/query/1              ü',
    'a.example/query/2              attack',
    'a.example: action is {"redirect":"/sorry","status":301}',
    'a.example: excluded {"reason":"a false alarm","path":"^/ü"} until 2030-01-01T00:00:00.000Z',
    'a.example: mode is "detect"',
    'rule                           pattern'
  ])
  const [all, own, json] = await Promise.all([
    reliw('waf', 'list', '__'),
    reliw('waf', 'list', 'a.example', '--json'),
    reliw('waf', 'list', '--json')
  ])
  t.match(all, /^rule +pattern\n__\/query\/1 +all\n__: ip_header is "X-Client"\n$/)
  t.same(JSON.parse(utf8(own)), { rules: [{ owner: 'a.example', ...OWN }] })
  const { rules } = JSON.parse(utf8(json)) as { rules: { owner: string }[] }
  t.same(
    rules.toSorted((a, b) => (a.owner < b.owner ? -1 : 1)),
    [
      { owner: '__', ...ALL },
      { owner: 'a.example', ...OWN }
    ]
  )
})

await t.test('invalid rules are refused with all issues, and nothing is changed', async (t) => {
  const before = await reliw('waf', 'list', '--json')
  const wrong: [string, ...RegExp[]][] = [
    ['{', /not valid JSON/],
    [
      '{"query":["x","["],"qery":[],"headers":{"A":["("]},"mode":"on"}',
      /query\[1\]: missing '\]'/,
      /"qery": did you mean "query"\?/,
      /headers\.A\[0\]: /,
      /mode: .*"detect"/
    ],
    [
      '{"action":{"status":200},"exclusions":[{"reason":"x"}]}',
      /action\.status: /,
      /exclusions\[0\]: name a rule, a path/
    ],
    ['{"action":{"redirect":"javascript:x"}}', /action\.redirect: expected an address/]
  ]
  const refused = wrong.map(async ([rules, ...mistakes]) => {
    const { code, stdout, stderr } = await run(['waf', 'set', 'a.example', rules])
    t.same([code, stdout], [1, ''], rules)
    t.match(stderr, /^Invalid value of RLW:WAF a\.example: [^\n]*\n$/)
    for (const mistake of mistakes) t.match(stderr, mistake, rules)
  })
  const stderr = '"../x" is not a valid host.\n'
  t.match(await run(['waf', 'set', '../x', '{}']), { code: 1, stdout: '', stderr })
  await Promise.all(refused)
  t.equal(await reliw('waf', 'list', '--json'), before)
})

t.test('invalid stored rules are reported, and rules of other hosts listed', async (t) => {
  await reliw('set', '--no-check', 'WAF', 'c.example', '{"query":["s3cret["]}')
  const stderr =
    'The stored rules of c.example are invalid: `reliw check --store` lists the issues.\n'
  const [all, test, others, check] = await Promise.all([
    run(['waf', 'list']),
    run(['waf', 'test', '--host', 'c.example', '--url', '/']),
    run(['waf', 'list', '__']),
    run(['check', '--store'])
  ])
  for (const outcome of [all, test]) t.same(outcome, { code: 1, stdout: '', stderr })
  t.equal(others.code, 0)
  t.match(check, { code: 1, stderr: /^RLW:WAF c\.example: query\[0\]: missing '\]'.*\n$/ })
  t.notMatch(check.stderr, 's3cret')
})
