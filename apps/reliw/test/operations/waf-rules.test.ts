import { ANY_HOST } from '@reliw/model'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { listRules, setRules, testRules } from '../../src/operations/waf-rules.ts'
import { contents, HOST, inEachStore } from './stores.ts'

const RULES = Buffer.from('{ "query": ["attäck"] }')
const DEFAULTS = { mode: 'block', action: { status: 403 } } as const
const request = (target: string) => ({ host: HOST, method: 'GET', target, headers: [] })

await inEachStore(t, 'rules are stored unchanged', async (t, { store }) => {
  const { query } = await setRules(store, HOST, RULES)
  t.equal(query.length, 1)
  t.strictSame(await contents(store), { [store.keys.waf()]: { [HOST]: RULES.toString() } })
  await setRules(store, ANY_HOST, Buffer.from('{ "mode": "detect" }'))
  t.match((await listRules(store, undefined)).map(({ owner }) => owner).toSorted(), [
    ANY_HOST,
    HOST
  ])
  t.match(await listRules(store, ANY_HOST), [{ owner: ANY_HOST, written: { mode: 'detect' } }])
})

await inEachStore(t, 'invalid rules are not stored', async (t, { store }) => {
  const invalid = { code: 'RELIW_STORE_INVALID_VALUE' }
  await t.rejects(setRules(store, HOST, Buffer.from('{')), invalid)
  await t.rejects(setRules(store, HOST, Buffer.from('{"qurey": []}')), invalid)
  await t.rejects(setRules(store, 'A.Example:80', RULES), { code: 'RELIW_STORE_INVALID_KEY' })
  t.strictSame(await contents(store), {})
})

await inEachStore(t, 'invalid stored rules are reported with their owner', async (t, place) => {
  const { driver, keys } = place.store
  await driver.write([{ op: 'hset', key: keys.waf(), fields: { [HOST]: '{' } }])
  const wrong = {
    code: 'RELIW_OPERATIONS_WRONG_RULES',
    message: `The stored rules of ${HOST} are invalid`
  }
  await t.rejects(listRules(place.store, undefined), wrong)
  await t.rejects(testRules(place.store, request('/'), DEFAULTS), wrong)
  t.strictSame(await listRules(place.store, ANY_HOST), [])
})

await inEachStore(
  t,
  'mode and action are those of the host, of all hosts, or the default',
  async (t, place) => {
    const { store } = place
    await setRules(store, HOST, RULES)
    t.match(await testRules(store, request('/?attäck'), DEFAULTS), {
      ...DEFAULTS,
      verdict: 'block',
      rule: `${HOST}/query/1`,
      findings: [{ pattern: 'attäck' }]
    })
    await setRules(store, ANY_HOST, Buffer.from('{ "mode": "detect", "action": {"close": true} }'))
    const test = async () => testRules(store, request('/?attäck'), DEFAULTS)
    await waitFor(async () => (await test()).mode === 'detect', 'the rules for all hosts')
    t.match(await test(), { verdict: 'detect', action: { close: true } })
    await setRules(store, HOST, Buffer.from('{ "query": ["attäck"], "mode": "off" }'))
    await waitFor(async () => (await test()).mode === 'off', 'the rules of the host')
    t.match(await test(), { verdict: 'pass', rule: undefined, findings: [{ pattern: 'attäck' }] })
    t.match(await testRules(store, request('/'), DEFAULTS), { verdict: 'pass', findings: [] })
  }
)
