import t from 'tap'
import type { Store } from '@reliw/model'
import { drainTarget, listUpstreams } from '../../src/operations/upstreams.ts'
import { conflict, HOST, inEachStore, missing } from './stores.ts'

async function set({ driver }: Store, key: string, value: unknown): Promise<void> {
  await driver.write([{ op: 'set', key, value: JSON.stringify(value) }])
}

async function read({ driver }: Store, key: string): Promise<unknown> {
  return JSON.parse(String(await driver.get(key)))
}

await inEachStore(
  t,
  'a target is drained and used again in the stored value',
  async (t, { store }) => {
    const { keys } = store
    const key = keys.proxy(HOST)
    const targets = ['10.0.0.5:3000', { target: '10.0.0.6', weight: 2 }, 'unix:/run/app.sock']
    await set(store, key, { targets, lb: 'weighted', port: 8080 })
    const drain = async (target: string, isDrained = true, isForced = false): Promise<unknown> =>
      drainTarget(store, { name: HOST, target, isDrained, isForced })
    t.match(await drain('10.0.0.5:3000'), { target: '10.0.0.5:3000', isChanged: true })
    t.match(await drain('10.0.0.5:3000'), { isChanged: false })
    t.match(await drain('10.0.0.6'), { target: '10.0.0.6:8080', isChanged: true })
    t.same(await read(store, key), {
      lb: 'weighted',
      port: 8080,
      targets: [
        { target: '10.0.0.5:3000', drain: true },
        { target: '10.0.0.6', weight: 2, drain: true },
        'unix:/run/app.sock'
      ]
    })
    await t.rejects(drain('/run/app.sock'), conflict, 'the last one needs more')
    t.match(await drain('unix:/run/app.sock', true, true), { target: '/run/app.sock' })
    await t.rejects(drain('10.0.0.7'), missing)
    t.match(await listUpstreams(store), [
      { name: HOST, targets: [{ drain: true }, { drain: true }, { drain: true }] }
    ])
    for (const name of ['http://10.0.0.5:3000', '10.0.0.6:8080', '/run/app.sock'])
      t.match(await drain(name, false), { isChanged: true })
    t.same(await read(store, key), { lb: 'weighted', port: 8080, targets })
  }
)

await inEachStore(t, 'upstreams of entries have targets, too', async (t, { store }) => {
  const { keys } = store
  const key = keys.entry(HOST, 'api')
  const entry = { methods: { GET: true }, proxy: { target: 'https://app.example', lb: 'p2c' } }
  await set(store, key, entry)
  await set(store, keys.routes(HOST), [['^/', 'api']])
  await set(store, keys.entry(HOST, 'page'), { methods: { GET: true } })
  await set(store, keys.proxy('b.example'), { target: 1 })
  t.match(await listUpstreams(store), [
    { name: `${HOST}:api`, targets: [{ host: 'app.example', port: 443 }] },
    { name: 'b.example', targets: undefined }
  ])
  const drain = { name: `${HOST}:api`, target: 'app.example:443', isDrained: true }
  await t.rejects(drainTarget(store, drain), conflict)
  await drainTarget(store, { ...drain, isForced: true })
  t.same(await read(store, key), {
    ...entry,
    proxy: { lb: 'p2c', targets: [{ target: 'https://app.example', drain: true }] }
  })
  await t.rejects(drainTarget(store, { ...drain, name: HOST }), missing)
  await t.rejects(drainTarget(store, { ...drain, name: `${HOST}:page` }), missing)
  await t.rejects(drainTarget(store, { ...drain, name: 'b.example' }), {
    code: 'RELIW_STORE_INVALID_VALUE'
  })
})
