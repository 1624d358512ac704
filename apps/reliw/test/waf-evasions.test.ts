import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { openStore } from '@reliw/store'
import { rawRequest, tempDir } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const HOST = 'a.example'
const LONG = 'x'.repeat(7000)

const RULES = {
  query: ['[Ee]vil', '%z', '[\x01-\x1f]', '%.%.', 'é'],
  headers: { 'x-note': ['evil', 'café'] }
}

/** Targets, and what they are answered: 403 by a rule, 400 or 414 before any rule looks. */
const TARGETS: readonly (readonly [target: string, status: number])[] = [
  ['/evil', 403],
  ['/%65vil', 403],
  ['/?%65vil', 403],
  ['/?Evil', 403],
  ['//evil', 403],
  ['/./evil', 403],
  ['/evil;x=1', 403],
  ['/x;evil', 403],
  ['/?a;evil', 403],
  ['/?=evil', 403],
  ['/?a=1&a=evil', 403],
  ['/?a=%00', 403],
  ['/?a=%0d%0a', 403],
  ['/?a=../x', 403],
  ['/?a=%2e%2e%2f', 403],
  ['/?a=%c3%a9', 403],
  ['/%c3%a9', 403],
  ['/?%zz=evil', 403],
  ['/?a=%&b=evil', 403],
  [`/?a=${LONG}evil`, 403],
  [`/${LONG}evil`, 403],
  ['/?a=%2565vil', 404],
  ['/?a=ev&a=il', 404],
  ['/%00evil', 400],
  ['/%0aevil', 400],
  ['/../evil', 400],
  ['/x/..;/evil', 400],
  ['/%2e%2e/evil', 400],
  ['/%252e%252e/evil', 403],
  ['/x%2fevil', 403],
  ['/x%5cevil', 403],
  ['/x\\evil', 400],
  ['/%zzevil', 400],
  ['/evil%', 400],
  ['/%c0%aeevil', 400],
  ['/%ffevil', 403],
  ['/#evil', 400],
  ['/?a#evil', 400],
  ['/?evil\xc3\xa9', 400],
  ['/?evil\0', 400],
  ['evil', 400],
  [`http://${HOST}/evil`, 403],
  ['http://b.example/evil', 400],
  [`/?a=${LONG}${LONG}evil`, 414]
]

/** Header lines, in the same way. */
const HEADERS: readonly (readonly [lines: string, status: number])[] = [
  ['x-NOTE: evil', 403],
  ['X-Note: good\r\nX-Note: evil', 403],
  ['X-Note: caf\xc3\xa9', 403],
  ['X-Note: caf\xe9', 404],
  [`X-Note: ${LONG}evil`, 403],
  ['X-Note: good\r\n evil', 400],
  ['X-Note : evil', 400],
  ['X-Note: evil\0', 400],
  ['Host: b.example\r\nX-Note: evil', 400]
]

test('rules see every form of a request that is not refused before', async (t) => {
  const dir = tempDir(t)
  const store = await openStore({ dir })
  t.teardown(() => store.close())
  const fields = { [HOST]: JSON.stringify(RULES) }
  await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
  const { app, port } = await startServer(t, {}, { store: { dir } })
  const send = async (target: string, lines = ''): Promise<number> => {
    const head = `GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\n${lines}Connection: close\r\n\r\n`
    return Number((await rawRequest(port, head)).slice(9, 12))
  }
  let verdicts = 0
  const count = (): void => void verdicts++
  subscribe('reliw.waf.verdict', count)
  t.teardown(() => void unsubscribe('reliw.waf.verdict', count))
  const all = [
    ...TARGETS.map(([target, status]) => [target, '', status] as const),
    ...HEADERS.map(([lines, status]) => ['/', `${lines}\r\n`, status] as const)
  ]
  for (const [target, lines, status] of all) {
    const name = JSON.stringify(`${target.slice(0, 40)} ${lines.slice(-40)}`)
    verdicts = 0
    t.equal(await send(target, lines), status, name)
    t.equal(verdicts, status === 403 ? 1 : 0, name)
  }
  t.equal(app.limits.concurrency.total, 0)
})
