import { openStore } from '@reliw/store'
import { fail, rawRequest, tempDir } from '@reliw/testing'
import t from 'tap'
import { startApp, statusOf } from './start-app.ts'

const RULES = { query: ['evil'] }

t.test('requests without a host are matched against the rules of all hosts', async (t) => {
  const { port } = await startApp(t, { rules: RULES })
  for (const head of [
    'GET /evil HTTP/1.0\r\n\r\n',
    'GET /evil HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
    'GET /evil HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
    'GET /evil HTTP/1.1\r\nHost: a.example:99999\r\nConnection: close\r\n\r\n',
    'GET http://b.example/evil HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'
  ]) {
    t.equal(statusOf(await rawRequest(port, head)), 403, JSON.stringify(head))
  }
})

t.test('the same with a store, whatever host is named', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const fields = { __: JSON.stringify(RULES), 'a.example': JSON.stringify({ query: ['own'] }) }
  await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
  const { port, verdicts } = await startApp(t, { store })
  const ask = async (target: string, host: string): Promise<number> =>
    statusOf(
      await rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    )
  for (const host of ['', 'a b', '__', 'b.example', 'a.example', 'A.Example.:80'])
    t.equal(await ask('/evil', host), 403, `evil for ${host}`)
  t.equal(await ask('/own', 'b.example'), 200)
  t.equal(await ask('/own', 'A.Example.:80'), 403)
  t.equal(verdicts.at(-1)?.rule, 'a.example/query/1')
})

t.test('an exception in onVerdict fails the request, not the process', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const fields = { __: JSON.stringify(RULES) }
  await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
  const { get } = await startApp(t, { store, onVerdict: fail })
  // The first finds the rules not read yet, the second does.
  t.equal(statusOf(await get('/evil')), 500)
  t.equal(statusOf(await get('/evil')), 500)
  t.equal(statusOf(await get('/')), 200)
})

t.test('headers are matched, however many there are', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: { headers: { 'x-last': ['evil'] } } })
  for (const others of [0, 40, 47, 48, 60, 500, 900])
    t.equal(statusOf(await get('/', `${'a:\r\n'.repeat(others)}X-Last: evil\r\n`)), 403)
  t.equal(verdicts.length, 7)
  // Past the number that node counts, it refuses.
  const response = await get('/', `${'a:\r\n'.repeat(1000)}X-Last: evil\r\n`)
  t.equal(statusOf(response), 431)
})

t.test('invalid options are refused', async (t) => {
  for (const options of [
    { rules: { query: ['%'] } },
    { budget: 10 },
    { action: { redirect: 'javascript:alert(1)' } },
    { action: { redirect: '//b.example' } },
    { rules: { exclusions: [{ expires: '2030-01-01' }] } },
    { rules: { exclusions: [{ header: 'cookie', parameter: 'q' }] } }
  ]) {
    await t.rejects(startApp(t, options as object), JSON.stringify(options))
  }
})
