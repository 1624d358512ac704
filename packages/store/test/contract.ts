import type { Store } from '@reliw/model'
import type { Test } from 'tap'
import { HUNG_AFTER, waitFor } from '@reliw/testing'
import { openStore, type StoreOptions } from '../src/index.ts'
import { rateContract } from './rate-contract.ts'

/** Opens a store over the deployment under test; each call is another process as far as the store can tell. */
export type OpenPeer = () => Promise<Store>

/** Opens one that is closed with the test. */
export async function openFor(t: Test, options: StoreOptions): Promise<Store> {
  const store = await openStore(options)
  t.teardown(() => store.close())
  if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
  return store
}

/** What every driver does, whatever it stands on. */
export async function contract(t: Test, open: OpenPeer): Promise<void> {
  const store = await open()
  const peer = await open()
  const { driver, keys, sites } = store
  const set = (key: string, value: string, ttl?: number): Promise<void> =>
    peer.driver.write([{ op: 'set', key, value, ttl }])
  const text = async (key: string): Promise<string | undefined> =>
    (await driver.get(key))?.toString()
  /** Writes, and waits until the store has noticed that a cached value has changed. */
  const change = async (write: () => Promise<void>): Promise<void> => {
    const { invalidations } = store.statistics
    await write()
    await waitFor(() => {
      driver.poll?.()
      return store.statistics.invalidations > invalidations
    }, 'the change')
  }
  const routesOfSame = async () => sites.routes('same.example')
  const proxyOfSame = async () => sites.proxy('same.example')
  const writeRules = (fields: Record<string, string>) =>
    peer.driver.write([{ op: 'hset', key: keys.waf(), fields }])
  const rulesOf = async (host: string) => sites.wafRules(host)

  await t.test('strings are written, read, replaced and deleted', async (t) => {
    t.equal(await driver.get('RLW:DATA:a:x'), undefined)
    await driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'one' }])
    t.equal(await text('RLW:DATA:a:x'), 'one')
    t.equal(await driver.type('RLW:DATA:a:x'), 'string')
    await driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: Buffer.from([0, 255, 10]) }])
    t.same(await driver.get('RLW:DATA:a:x'), Buffer.from([0, 255, 10]))
    await driver.write([{ op: 'delete', key: 'RLW:DATA:a:x' }])
    t.equal(await driver.get('RLW:DATA:a:x'), undefined)
    t.equal(await driver.type('RLW:DATA:a:x'), undefined)
  })

  await t.test('hashes are written by field, and gone with their last one', async (t) => {
    const key = 'RLW:TITLES:a'
    t.equal(await driver.hash(key), undefined)
    await driver.write([{ op: 'hset', key, fields: { '/x': 'X', '/ü': 'Ü' } }])
    await driver.write([{ op: 'hset', key, fields: { '/x': 'X2', '': 'empty' } }])
    t.equal((await driver.hashField(key, '/x'))?.toString(), 'X2')
    t.equal(await driver.hashField(key, '/y'), undefined)
    const fields = Object.entries((await driver.hash(key)) ?? {})
    t.same(
      new Map(fields.map(([name, value]) => [name, value.toString()])),
      new Map([
        ['/x', 'X2'],
        ['/ü', 'Ü'],
        ['', 'empty']
      ])
    )
    for (const field of ['/x', '/ü', '']) await driver.write([{ op: 'hdelete', key, field }])
    t.equal(await driver.type(key), undefined)
  })

  await t.test('a key is of one type', async (t) => {
    await driver.write([{ op: 'set', key: 'RLW:DATA:a:t', value: '1' }])
    await t.rejects(driver.write([{ op: 'hset', key: 'RLW:DATA:a:t', fields: { a: 'b' } }]), {
      code: 'RELIW_STORE_WRITE_FAILED',
      message: /WRONGTYPE/
    })
    t.equal(await text('RLW:DATA:a:t'), '1')
  })

  await t.test(
    'a key with a lifetime is gone when it ends, and so is its cached value',
    async (t) => {
      await set(keys.settings('ttl.example'), '{"unsafe_html":true}', 150)
      t.ok(((await driver.ttl(keys.settings('ttl.example'))) ?? 0) > 0)
      t.equal(await driver.ttl('RLW:DATA:a:none'), undefined)
      await waitFor(async () => (await sites.settings('ttl.example')).unsafe_html, 'the change')
      await waitFor(async () => !(await sites.settings('ttl.example')).unsafe_html, 'the expiry')
      t.equal(await driver.get(keys.settings('ttl.example')), undefined)
    }
  )

  await t.test('setting a key again ends its lifetime', async (t) => {
    await driver.write([{ op: 'set', key: 'RLW:DATA:a:l', value: '1', ttl: 60_000 }])
    await driver.write([{ op: 'set', key: 'RLW:DATA:a:l', value: '2' }])
    t.equal(await driver.ttl('RLW:DATA:a:l'), undefined)
    await driver.write([{ op: 'expire', key: 'RLW:DATA:a:l', ttl: 60_000 }])
    t.ok(((await driver.ttl('RLW:DATA:a:l')) ?? 0) > 50_000)
  })

  await t.test('counters add up over processes, and start with their lifetime', async (t) => {
    const limit = { key: 'RLW:LIMITS:a:GET:/:1.2.3.4', by: 1, ttl: 60_000 }
    t.same(await driver.increment([limit]), [1])
    t.same(await peer.driver.increment([limit, { ...limit, by: 2 }]), [2, 4])
    t.ok(((await driver.ttl(limit.key)) ?? 0) > 50_000)
    const both = [store, peer].flatMap((s) =>
      Array.from({ length: 50 }, () =>
        s.driver.increment([{ key: 'RLW:METRICS:a:total', field: '200', by: 1 }])
      )
    )
    await Promise.all(both)
    t.equal((await driver.hashField('RLW:METRICS:a:total', '200'))?.toString(), '100')
  })

  await t.test('budgets are used up and come back', (t) => rateContract(t, driver, peer.driver))

  await t.test('batched counters arrive, and the rest of them on close', async (t) => {
    const third = await open()
    for (let n = 0; n < 10; n++) third.counters.add('RLW:METRICS:b:total', '404')
    await third.counters.flush()
    t.equal((await driver.hashField('RLW:METRICS:b:total', '404'))?.toString(), '10')
    third.counters.add('RLW:METRICS:b:total', '404', 5)
    await third.close()
    t.equal((await driver.hashField('RLW:METRICS:b:total', '404'))?.toString(), '15')
  })

  await t.test('a source of counts is drained before each write', async (t) => {
    const third = await open()
    let counted = 4
    const stop = third.counters.addSource((add) => {
      add('RLW:METRICS:c:total', '200', counted)
      counted = 0
    })
    await third.counters.flush()
    t.equal((await driver.hashField('RLW:METRICS:c:total', '200'))?.toString(), '4')
    counted = 2
    stop()
    t.equal(counted, 0, 'asked a last time')
    counted = 1
    stop()
    third.counters.addSource((add) => add('RLW:METRICS:c:total', '404', 3))
    await third.close()
    t.equal((await driver.hashField('RLW:METRICS:c:total', '200'))?.toString(), '6')
    t.ok(Number(await driver.hashField('RLW:METRICS:c:total', '404')) >= 3)
    t.equal(counted, 1, 'not asked any more')
  })

  await t.test(
    'a key that is not a counter is dropped; the others of its batch count once',
    async (t) => {
      const third = await open()
      const { counters } = third
      const good = async (): Promise<number> =>
        Number(await driver.hashField('RLW:METRICS:good:total', '200'))
      await driver.write([
        { op: 'set', key: 'RLW:METRICS:text:total', value: 'poison' },
        { op: 'hset', key: 'RLW:METRICS:word:total', fields: { '200': 'many' } },
        { op: 'hset', key: 'RLW:METRICS:full:total', fields: { '200': '9223372036854775807' } }
      ])
      for (const host of ['text', 'good', 'word', 'full']) {
        counters.add(`RLW:METRICS:${host}:total`, '200', 2)
      }
      counters.add('RLW:METRICS:word:total', '404', 1)
      await counters.flush()
      t.equal(await good(), 2)
      t.equal(counters.dropped, 6)
      await counters.flush()
      t.equal(await good(), 2)
      t.equal(counters.dropped, 6, 'not tried again')
      t.equal(String(await driver.hashField('RLW:METRICS:word:total', '404')), '1')
      t.equal(String(await driver.get('RLW:METRICS:text:total')), 'poison')

      await driver.write([{ op: 'delete', key: 'RLW:METRICS:text:total' }])
      counters.add('RLW:METRICS:text:total', '200', 5)
      await counters.flush()
      t.equal(String(await driver.hashField('RLW:METRICS:text:total', '200')), '5', 'mended')
    }
  )

  await t.test('keys are listed by prefix, hashes too, each once', async (t) => {
    const operations = Array.from({ length: 250 }, (_, n) => ({
      op: 'set' as const,
      key: `RLW:DATA:list*:${n}`,
      value: ''
    }))
    await driver.write([
      ...operations,
      { op: 'hset', key: 'RLW:DATA:list*:h', fields: { a: '1', b: '2' } },
      { op: 'set', key: 'RLW:DATA:listing', value: '' }
    ])
    const found: string[] = []
    for await (const batch of driver.keys('RLW:DATA:list*:', 50)) found.push(...batch)
    t.equal(new Set(found).size, 251)
    t.equal(found.includes('RLW:DATA:listing'), false)
  })

  await t.test('messages reach the subscribers of every process, until they stop', async (t) => {
    const heard: string[] = []
    const stop = await store.driver.subscribe(keys.channel('CTL'), (message) => heard.push(message))
    await waitFor(async () => {
      await peer.driver.publish(keys.channel('CTL'), 'hello')
      return heard.includes('hello')
    }, 'the message')
    await stop()
    const count = heard.length
    await peer.driver.publish(keys.channel('CTL'), 'unheard')
    await driver.get('RLW:DATA:a:none')
    t.equal(heard.length, count)
  })

  await t.test(
    'what is warm is read without a promise, and a change by another process is seen',
    async (t) => {
      const host = 'live.example'
      t.equal(await sites.routes(host), undefined)
      t.equal(sites.routes(host), undefined, 'that there is nothing is kept too')
      await set(keys.routes(host), '[["/", "home", true]]')
      const routes = await waitFor(async () => sites.routes(host), 'the new site')
      t.equal(routes.match('/'), 'home')
      t.equal(sites.routes(host), routes, 'kept')
      await peer.driver.write([{ op: 'delete', key: keys.routes(host) }])
      await waitFor(async () => (await sites.routes(host)) === undefined, 'the end of the site')
    }
  )

  await t.test('a change of this process is seen by its next read', async (t) => {
    await store.driver.write([
      { op: 'set', key: keys.settings('own.example'), value: '{"unsafe_html":true}' }
    ])
    await waitFor(async () => (await sites.settings('own.example')).unsafe_html, 'the change')
    t.pass()
  })

  await t.test(
    'a wrong value is refused; the last good one stays until it is mended or deleted',
    async (t) => {
      const key = keys.entry('bad.example', 'page')
      const entry = () => sites.entry('bad.example', key.slice(-4))
      t.equal(await entry(), undefined, 'that there was nothing does not stay in force')
      await set(key, '{"methods": {"GET": true}, "atuh": []}')
      await waitFor(
        () => t.rejects(async () => entry(), /atuh.*auth/).then(() => true),
        'the mistake'
      )
      await set(key, '{"methods": {"GET": true}, "title": "good"}')
      await waitFor(
        async () => (await Promise.resolve(entry()).catch(() => undefined))?.title === 'good',
        'the good one'
      )
      const { invalidations } = store.statistics
      await set(key, '{not json')
      await waitFor(() => store.statistics.invalidations > invalidations, 'the change')
      t.equal((await entry())?.title, 'good')
      t.equal((entry() as { title: string }).title, 'good', 'kept')
      await peer.driver.write([{ op: 'delete', key }])
      await waitFor(async () => (await entry()) === undefined, 'the deletion')
    }
  )

  await t.test('a value whose key changes while it is read is not cached', async (t) => {
    const key = keys.data('race.example', 'x')
    await set(key, 'old')
    let between: (() => Promise<void>) | undefined
    const view = store.view(async (host, reader) => {
      const value = (await sites.data(host, 'x', reader))?.toString()
      await between?.()
      return value
    })
    const { invalidations } = store.statistics
    between = async () => {
      between = undefined
      await set(key, 'new')
      await waitFor(async () => {
        driver.poll?.()
        return (
          view.get('race.example') instanceof Promise && (await view.get('race.example')) === 'new'
        )
      }, 'a load that began after the change')
    }
    t.equal(
      await view.get('race.example'),
      'old',
      'who asked before the change gets what was there'
    )
    t.equal(await view.get('race.example'), 'new')
    t.ok(store.statistics.invalidations >= invalidations)
  })

  await t.test('concurrent reads of one key ask the store once', async (t) => {
    await set(keys.settings('flight.example'), '{}')
    await driver.get(keys.settings('flight.example'))
    const { misses } = store.statistics
    await Promise.all(Array.from({ length: 20 }, async () => sites.settings('flight.example')))
    t.equal(store.statistics.misses - misses, 1)
  })

  await t.test('a value is the same object until its bytes change', async (t) => {
    const key = keys.routes('same.example')
    const text = '[["^/a", "a"]]'
    await set(key, text)
    const read = routesOfSame
    await waitFor(async () => (await read()) !== undefined, 'the routes')
    const first = await read()
    await change(() => set(key, text))
    const { misses } = store.statistics
    t.equal(await read(), first, 'equal bytes')
    t.equal(store.statistics.misses, misses + 1, 'read again')
    await change(() => set(key, '[["^/b", "b"]]'))
    t.equal((await read())?.match('/b'), 'b', 'other bytes')
    const second = await read()
    await change(() => set(key, '{'))
    t.equal(await read(), second, 'what is invalid changes nothing')
    await change(() => set(key, '[["^/b", "b"]]'))
    t.equal(await read(), second, 'valid again, as before')
    await change(() => peer.driver.write([{ op: 'delete', key }]))
    t.equal(await read(), undefined)
    await change(() => set(key, '[["^/b", "b"]]'))
    t.not(await read(), second, 'deleted in between')
  })

  await t.test('concurrent reads of equal bytes give the same object', async (t) => {
    const key = keys.proxy('same.example')
    await set(key, '{"target": "a"}')
    await waitFor(async () => (await proxyOfSame()) !== undefined, 'the upstream')
    const first = await proxyOfSame()
    for (let round = 0; round < 10; round++) {
      await change(() => set(key, '{"target": "a"}'))
      const found = await Promise.all(Array.from({ length: 20 }, proxyOfSame))
      t.ok(found.every((one) => one === first))
    }
  })

  await t.test('a field of a hash is the same object when another field changes', async (t) => {
    await writeRules({ 'same.example': '{"query": ["a"]}', 'other.example': '{}' })
    await waitFor(async () => (await rulesOf('same.example')) !== undefined, 'the rules')
    const first = await rulesOf('same.example')
    const other = await rulesOf('other.example')
    await change(() => writeRules({ 'other.example': '{"query": ["b"]}' }))
    t.equal(await rulesOf('same.example'), first)
    t.not(await rulesOf('other.example'), other)
  })

  await t.test(
    'what is made from a value is made again when it changes, at any depth',
    async (t) => {
      await set(keys.data('deep.example', 'x'), '1')
      const inner = store.view((host, reader) => sites.data(host, 'x', reader, bracketed))
      const outer = store.view(async (host, reader) => `[${await inner.get(host, reader)}]`)
      t.equal(await outer.get('deep.example'), '[<1>]')
      t.equal(outer.get('deep.example'), '[<1>]')
      await set(keys.data('deep.example', 'x'), '2')
      await waitFor(async () => (await outer.get('deep.example')) === '[<2>]', 'the change')
    }
  )
}

function bracketed(raw: Buffer): string {
  return `<${raw.toString()}>`
}
