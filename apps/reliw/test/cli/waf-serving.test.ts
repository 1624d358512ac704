import { waitFor } from '@reliw/testing'
import t from 'tap'
import type { TestResult } from '../../src/operations/waf-rules.ts'
import { createWorkplace } from './run-cli.ts'
import { addSite, ask } from './serving.ts'

const place = createWorkplace(t)
const { run, reliw, serve } = place
await addSite(place)
await reliw('set', 'FILES:a.example:/x', 'content', 'text')
const { port, line, log, stop } = await serve()

const statusOf = async (path: string, headers?: Record<string, string>): Promise<number> =>
  (await ask(port, path, headers)).status

await t.test('new rules apply to the next request of a running server', async (t) => {
  t.equal(await statusOf('/x?attack'), 200)
  await reliw('waf', 'set', 'a.example', '{"query":["attack","größe"]}')
  t.same([await statusOf('/x?attack'), await statusOf('/x')], [403, 200])
  t.equal(await statusOf('/x?gr%C3%B6%C3%9Fe'), 403)
  await reliw('waf', 'set', '__', '{"headers":{"Host":["^a%."]}}')
  t.equal(await statusOf('/x'), 403)
  await reliw('del', 'WAF', '__')
  await reliw('waf', 'set', 'a.example', '{"query":["other"]}')
  t.same([await statusOf('/x?attack'), await statusOf('/x?other')], [200, 403])
})

await t.test('an audit line names the host whose rules were set', async (t) => {
  const found = await line({ audit: true, vhost: '__' })
  t.match(found, { msg: 'audit', event: 'waf rules set', by: 'cli' })
  t.equal((await run(['waf', 'set', 'a.example', '{"mode":"on"}'])).code, 1)
  await reliw('waf', 'set', 'b.example', '{}')
  await line({ audit: true, vhost: 'b.example' })
  const ofA = log.filter(({ msg, vhost }) => msg === 'audit' && vhost === 'a.example')
  t.equal(ofA.length, 2, 'not what was refused')
})

/** The field `waf` of a log line. */
interface Logged {
  action?: TestResult['verdict']
  rule?: string
  over_budget?: boolean
}

/** Rules for all hosts and of a.example, the mode there, and targets with the status of the response. */
const TESTED: readonly (readonly [
  all: object,
  own: object,
  mode: string,
  Record<string, number>
])[] = [
  [
    { query: ['^/[%w/]*%.php', '[\'"]%s*or%s'], headers: { host: ['^b%.'] } },
    {},
    'block',
    { '/x.p%68p': 403, "/x?q='+or+1": 403, '/x': 200, '//y.php': 403, '/y/%2e/x.php': 403 }
  ],
  [
    { query: ['all'], mode: 'detect', action: { status: 418 } },
    { query: ['own'], mode: 'block', exclusions: [{ rule: '__/query/1', parameter: 'q' }] },
    'block',
    { '/x?all': 418, '/x?own': 418, '/x?q=all': 200, '/x?q=own': 418, '/y%2fall': 418 }
  ],
  [{ query: ['all'] }, { mode: 'detect' }, 'detect', { '/x?all': 200, '/x?none': 200 }],
  [{ query: ['all'] }, { query: ['own'], mode: 'off' }, 'off', { '/x?all': 200, '/x?own': 200 }],
  [{ query: ['.*.*.*!'], action: { status: 429 } }, {}, 'block', { [`/x?${'a'.repeat(200)}`]: 429 }]
]

await t.test('`waf test` has the verdict of the server', async (t) => {
  for (const [all, own, mode, targets] of TESTED) {
    await reliw('waf', 'set', '__', JSON.stringify(all))
    await reliw('waf', 'set', 'a.example', JSON.stringify(own))
    for (const [target, status] of Object.entries(targets)) {
      const words = ['waf', 'test', '--host', 'a.example', '--url', target, '--json']
      const tested = JSON.parse(await reliw(...words)) as TestResult
      const known = log.length
      t.equal(await statusOf(target, { host: 'a.example' }), status, target)
      await waitFor(() => log.slice(known).some(({ msg }) => msg === 'request'), 'its line')
      const logged = log.slice(known).find(({ msg }) => msg === 'waf')
      const {
        action = 'pass',
        rule = null,
        over_budget = false
      } = (logged?.['waf'] ?? {}) as Logged
      const { verdict, isOverBudget } = tested
      t.strictSame(
        [verdict, tested.rule, isOverBudget, tested.mode],
        [action, rule, over_budget, mode],
        target
      )
      if (action === 'block') t.strictSame(tested.action, { status }, target)
      t.equal(action === 'block', status >= 400, target)
    }
  }
})

t.test('a server that ends says nothing wrong of rules', async (t) => {
  await line({ msg: 'waf' })
  t.equal(await stop(), 0)
  t.notOk(log.some(({ level }) => Number(level) >= 50))
})
