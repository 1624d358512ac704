import { accessEvents, type ListFetchedEvent } from '@reliw/http'
import type { Store } from '@reliw/model'
import { listen, Publisher } from '@reliw/options'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { ListRefresher } from '../src/lists/list-refresher.ts'
import { startListSource, textOf } from './list-source.ts'

/** Time between two looks of the tests, in milliseconds. */
const TICK = 20

type Log = ConstructorParameters<typeof ListRefresher>[2]

interface Node {
  store: Store
  results: string[]
  warnings: { list?: string; cause?: string }[]
}

/** Starts a server's part that fetches lists. */
async function start(t: Test, store: Store): Promise<Node> {
  const publisher = new Publisher()
  const results: string[] = []
  const warnings: Node['warnings'] = []
  const note = ({ list, result }: ListFetchedEvent): void => void results.push(`${list} ${result}`)
  t.teardown(listen(accessEvents.fetched, publisher, note))
  const log = {
    info: () => undefined,
    debug: () => undefined,
    warn: ({ access, err }: { access: object; err?: Error }) =>
      warnings.push(access ?? { cause: err?.message })
  } as unknown as Log
  const refresher = new ListRefresher(store, publisher, log, TICK)
  refresher.start()
  t.teardown(() => refresher.close())
  return { store, results, warnings }
}

const put = (store: Store, name: string, list: object): Promise<void> =>
  store.driver.write([{ op: 'set', key: store.keys.list(name), value: JSON.stringify(list) }])

/** Makes a list due, as its interval does. */
async function makeDue({ driver, keys }: Store): Promise<void> {
  for await (const batch of driver.keys(keys.limit('__', '@list', ''))) {
    for (const key of batch) await driver.write([{ op: 'delete', key }])
  }
}

async function listContract(t: Test, open: () => Promise<Store>): Promise<void> {
  const [first, second] = [await open(), await open()]
  const source = await startListSource(t, textOf('192.0.2.0/24\n', '"1"'))
  await put(first, 'drop', { url: source.url, addresses: ['198.51.100.1'] })
  const before = await first.sites.list('drop')
  t.equal(before?.isComplete, false)
  t.equal(before?.has('198.51.100.1'), true)
  const nodes = [await start(t, first), await start(t, second)]
  const results = (): string[] => nodes.flatMap((node) => node.results)
  const listHas = async (ip: string): Promise<boolean> => {
    for (const { store } of nodes) {
      const list = await store.sites.list('drop')
      if (list?.isComplete !== true || !list.has(ip)) return false
    }
    return true
  }

  await t.test('one of the servers fetches the list, for all of them', async (t) => {
    await waitFor(() => listHas('192.0.2.7'), 'the list')
    t.ok(await listHas('198.51.100.1'))
    t.notOk(await listHas('203.0.113.1'))
    await waitFor(async () => (await ttlOf(first)) > 3_000_000, 'the lease until the list is due')
    await waitFor(() => results().length > 0, 'the event')
    t.strictSame(results(), ['drop changed'])
    t.equal(source.requests.length, 1)
  })

  await t.test('a list that has not changed is not sent again', async (t) => {
    await makeDue(first)
    await waitFor(() => results().includes('drop unchanged'), 'the fetch')
    t.equal(source.requests.length, 2)
    t.equal(source.requests[1]?.headers['if-none-match'], '"1"')
    t.ok(await listHas('192.0.2.7'))
  })

  await t.test('the former content stays when a fetch fails, which is logged', async (t) => {
    source.answer = textOf('<html>an error page</html>', '"2"')
    await makeDue(first)
    await waitFor(() => results().includes('drop failed'), 'the failure')
    t.ok(await listHas('192.0.2.7'))
    const [warning] = nodes.flatMap(({ warnings }) => warnings)
    t.strictSame(warning, { list: 'drop', cause: 'line 1 is not an IP address or CIDR block' })
    await waitFor(async () => {
      const ttl = await ttlOf(first)
      return ttl > 120_000 && ttl <= 300_000
    }, 'the time until it is tried again')
    t.equal(source.requests[2]?.headers['if-none-match'], '"1"')
  })

  await t.test(
    'new content replaces the former everywhere, a changed list is due at once',
    async (t) => {
      source.answer = textOf('203.0.113.0/24\n')
      await put(second, 'drop', { url: `${source.url}?new` })
      await waitFor(() => listHas('203.0.113.1'), 'the new content')
      t.equal(source.requests.at(-1)?.headers['if-none-match'], undefined)
      t.notOk(await listHas('192.0.2.7'))
      t.notOk(await listHas('198.51.100.1'))
    }
  )

  await t.test('the content of a deleted list is deleted', async () => {
    const { driver, keys } = first
    await driver.write([{ op: 'delete', key: keys.list('drop') }])
    await waitFor(async () => (await driver.type(keys.fetched('drop'))) === undefined, 'the end')
    for (const { store } of nodes)
      await waitFor(async () => (await store.sites.list('drop')) === undefined, 'the end')
  })

  await t.test('a list that cannot be read does not keep others from being fetched', async (t) => {
    const { driver, keys } = first
    await driver.write([{ op: 'set', key: keys.list('broken'), value: '{' }])
    await put(first, 'good', { url: source.url })
    await waitFor(async () => (await second.sites.list('good'))?.isComplete === true, 'the list')
    t.notOk(results().some((result) => result.startsWith('broken')))
  })
}

async function ttlOf({ driver, keys }: Store): Promise<number> {
  let found = 0
  for await (const batch of driver.keys(keys.limit('__', '@list', ''))) {
    for (const key of batch) found = Math.max(found, (await driver.ttl(key)) ?? 0)
  }
  return found
}

async function opened(t: Test, options: Parameters<typeof openStore>[0]): Promise<Store> {
  const store = await openStore(options)
  t.teardown(() => store.close())
  if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
  return store
}

t.test('lists in an embedded store', async (t) => {
  const dir = tempDir(t)
  await listContract(t, () => opened(t, { dir }))
})

t.test('lists in Redis', async (t) => {
  const { port } = await startRedis(t)
  await listContract(t, () => opened(t, { redis: { port, db: 0 } }))
})
