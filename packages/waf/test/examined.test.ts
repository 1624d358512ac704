import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { TestContext } from '@reliw/testing'
import t from 'tap'
import type { ExaminedEvent } from '../src/index.ts'
import { startApp, statusOf } from './start-app.ts'

const RULES = { query: ['evil', '^.-.-.-.-!'] }

/** The events of evaluations until the test ends. */
function collectEvents(t: TestContext): ExaminedEvent[] {
  const events: ExaminedEvent[] = []
  const listener = (event: unknown): void => void events.push(event as ExaminedEvent)
  subscribe('reliw.waf.examined', listener)
  t.teardown(() => void unsubscribe('reliw.waf.examined', listener))
  return events
}

t.test('every evaluation is published; requests known to be clean are not evaluated', async (t) => {
  const { get } = await startApp(t, { rules: RULES })
  const examined = collectEvents(t)
  t.equal(statusOf(await get('/fine')), 200)
  t.match(examined, [{ host: 'a.example', us: Number }])
  t.ok(Number.isInteger(examined[0]?.us))
  await get('/fine')
  t.equal(examined.length, 1, 'the same is clean')
  await get('/other')
  t.equal(examined.length, 2)
})

t.test('the event of an evaluation agrees with its verdict', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: RULES, budget: 1000 })
  const examined = collectEvents(t)
  t.equal(statusOf(await get('/evil')), 403)
  t.equal(statusOf(await get(`/${'a'.repeat(400)}`)), 403)
  t.equal(verdicts[1]?.isOverBudget, true)
  t.same(
    examined.map(({ us }) => us),
    verdicts.map(({ us }) => us)
  )
})

t.test('where rules are not evaluated, nothing is published', async (t) => {
  const off = await startApp(t, { rules: RULES, mode: 'off' })
  const none = await startApp(t, {})
  const on = await startApp(t, { rules: RULES })
  const examined = collectEvents(t)
  await off.get('/evil')
  await none.get('/evil')
  await on.get('/free?evil')
  t.strictSame(examined, [])
})

t.test('verdicts are the same without subscribers', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: RULES })
  t.equal(statusOf(await get('/fine')), 200)
  t.equal(statusOf(await get('/evil')), 403)
  t.match(verdicts, [{ rule: '__/query/1', us: Number }])
})
