import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { rawRequest, tempDir, type TestContext } from '@reliw/testing'
import t from 'tap'
import { type Case, type Combination, COMBINATIONS } from './explain-cases.ts'
import { explain, type Explanation, type WafOptions, type WafVerdict } from '../src/index.ts'
import { startApp, type WafApp } from './start-app.ts'

const HOST = 'a.example'

/** A store with rules for all hosts and for a.example. */
async function storeWith(t: TestContext, { all, own }: Partial<Combination>): Promise<Store> {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const given = Object.entries({ __: all, [HOST]: own }).filter(([, rules]) => rules !== undefined)
  if (given.length === 0) return store
  const fields = Object.fromEntries(given.map(([owner, rules]) => [owner, JSON.stringify(rules)]))
  await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
  return store
}

/** The status and Location of the response to a request, and the verdict on it; 0 without a response. */
async function serve({ port, verdicts }: WafApp, [target, , headers]: Case) {
  verdicts.length = 0
  const lines = (headers ?? []).map((word, at) => (at % 2 === 0 ? `${word}: ` : `${word}\r\n`))
  const head = `GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\n${lines.join('')}Connection: close\r\n\r\n`
  const response = await rawRequest(port, head)
  const [, location] = /\r\nlocation: (.*)\r\n/i.exec(response) ?? []
  return { status: Number(response.slice(9, 12)), location, verdict: timeless(verdicts[0]) }
}

/** What a server with these rules should do with the explained request. */
function expected({ verdict, action }: Explanation) {
  const shown = timeless(verdict)
  if (verdict?.action !== 'block') return { status: 200, location: undefined, verdict: shown }
  if ('close' in action) return { status: 0, location: undefined, verdict: shown }
  const location = 'redirect' in action ? action.redirect : undefined
  return { status: action.status, location, verdict: shown }
}

function timeless(verdict: WafVerdict | undefined): object | undefined {
  return verdict && { ...verdict, us: 0 }
}

function explained(options: WafOptions, [target, , headers]: Case): Promise<Explanation> {
  const all = ['Host', HOST, ...(headers ?? []), 'Connection', 'close']
  return explain(options, { host: HOST, method: 'GET', target, headers: all })
}

for (const { name, all, own, mode, action, cases, ...rest } of COMBINATIONS) {
  t.test(`a request is explained as it is served: rules ${name}`, async (t) => {
    const options = { ...rest.options, store: await storeWith(t, { all, own }) }
    const app = await startApp(t, options)
    for (const one of cases) {
      const said = `${one[0]} ${one[2]?.join()}`
      const explanation = await explained(options, one)
      t.match(explanation, { mode, action }, said)
      t.equal(explanation.verdict?.rule, one[1], said)
      // The second time, the values without a match are known.
      for (const time of ['first', 'second'])
        t.strictSame(await serve(app, one), expected(explanation), `${said}, ${time} time`)
    }
  })
}

t.test('rules of the options are explained like those of a store', async (t) => {
  const options: WafOptions = {
    rules: { query: ['evil'], mode: 'detect' },
    action: { status: 451 }
  }
  const one: Case = ['/evil', '__/query/1']
  const explanation = await explained(options, one)
  t.match(explanation, { mode: 'detect', action: { status: 451 }, verdict: { action: 'detect' } })
  t.strictSame(await serve(await startApp(t, options), one), expected(explanation))
})

t.test('all findings are listed in order, whether or not they count', async (t) => {
  const rules = {
    query: ['none', 'evil', 'e[v]il'],
    headers: { 'x-a': ['evil'] },
    exclusions: [{ rule: '__/query/2' }]
  }
  const one: Case = ['/%65vil', undefined, ['X-A', 'good', 'X-A', 'evil']]
  for (const mode of ['block', 'detect', 'off'] as const) {
    const { findings } = await explained({ rules, mode }, one)
    const query = { ruleSet: 'all', where: 'query', value: '/%65vil', readAs: '/evil', score: 100 }
    t.strictSame(findings, [
      { rule: '__/query/2', pattern: 'evil', ...query, isExcluded: true },
      { rule: '__/query/3', pattern: 'e[v]il', ...query, isExcluded: false },
      {
        rule: '__/header:x-a/1',
        ruleSet: 'all',
        pattern: 'evil',
        where: 'header:x-a',
        value: 'evil',
        score: 100,
        isExcluded: false
      }
    ])
  }
})

t.test('explaining logs and publishes nothing', async (t) => {
  const rules = { query: ['evil'] }
  const { log, events } = await startApp(t, { rules })
  let calls = 0
  t.match(await explained({ rules, onVerdict: () => void calls++ }, ['/evil', undefined]), {
    verdict: { rule: '__/query/1' }
  })
  t.strictSame([log, events, calls], [[], [], 0])
})
