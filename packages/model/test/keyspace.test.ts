import t from 'tap'
import { Keyspace } from '../src/index.ts'

const keys = new Keyspace('P')

t.test('the counters of a host have keys of their own', async (t) => {
  t.equal(keys.metrics('a.example', 'total'), 'P:METRICS:a.example:total')
  t.equal(keys.metrics('a.example', 'by_method'), 'P:METRICS:a.example:by_method')
  t.equal(keys.metrics('::1', 'by_request'), 'P:METRICS:::1:by_request')
  t.equal(keys.metricsPrefix(), 'P:METRICS:')
})

t.test('any key belongs to one of a few families', async (t) => {
  t.equal(keys.familyOf(keys.entry('a.example', 'home')), 'API')
  t.equal(keys.familyOf(keys.waf()), 'WAF')
  t.equal(keys.familyOf(`${keys.waf()} a.example`), 'WAF')
  t.equal(keys.familyOf(keys.metrics('a.example', 'total')), 'METRICS')
  for (const key of ['', 'P', 'P:', 'API:a', 'Q:API:a', 'P:api:a', 'P:NEW:a', 'P:__proto__:a']) {
    t.equal(keys.familyOf(key), 'other', key)
  }
})

t.test('a key with a field after it cannot be written', async (t) => {
  t.throws(() => keys.check('P:WAF a.example', Buffer.from('{}'), 'x'), {
    code: 'RELIW_STORE_UNKNOWN_KEY'
  })
})
