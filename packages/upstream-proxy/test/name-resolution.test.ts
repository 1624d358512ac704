import { Resolver } from 'node:dns/promises'
import { test } from 'tap'
import { waitFor, type TestContext } from '@reliw/testing'
import { querySystem } from '../src/connect/name-query.ts'
import { NameResolver } from '../src/connect/resolver.ts'
import { type DnsRecord, type DnsServer, startDnsServer } from './dns-server.ts'

const NAME = 'origin.example'

interface Setup {
  dns: DnsServer
  names: NameResolver
  /** Lets time pass, in seconds. */
  pass: (seconds: number) => void
  /** The first address of the name. */
  first: () => Promise<string | undefined>
}

/** A resolver that asks a server of its own, by a clock that the test moves on. */
async function setUp(t: TestContext, record?: DnsRecord): Promise<Setup> {
  const dns = await startDnsServer(t, record === undefined ? {} : { [NAME]: record })
  let now = 0
  const names = new NameResolver({ servers: [dns.address], now: () => now })
  t.teardown(() => names.close())
  return {
    dns,
    names,
    pass: (seconds) => void (now += seconds * 1000),
    first: async () => (await names.lookup(NAME))[0]?.address
  }
}

function nameAt(index: number): string {
  return `n${index}.example`
}

/** Waits until the kept address is this one. */
async function becomes({ first }: Setup, address: string): Promise<void> {
  await waitFor(async () => (await first()) === address, `the address ${address}`)
}

test('a name is asked for once, however many want it at a time', async (t) => {
  const { dns, names } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 60 })
  const answers = await Promise.all(Array.from({ length: 20 }, async () => names.lookup(NAME)))
  for (const answer of answers) t.same(answer, [{ address: '192.0.2.1', family: 4 }])
  t.equal(dns.asked(NAME), 1)
})

test('an answer is kept for as long as DNS says, and is a value then', async (t) => {
  const { dns, names, pass, first } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 60 })
  await first()
  pass(59)
  t.same(names.lookup(NAME), [{ address: '192.0.2.1', family: 4 }])
  t.equal(dns.asked(NAME), 1)
  pass(2)
  await first()
  await waitFor(() => dns.asked(NAME) === 2, 'the second question')
})

test('an expired answer serves while the new one is fetched', async (t) => {
  const setup = await setUp(t, { addresses: ['192.0.2.1'], ttl: 60 })
  await setup.first()
  setup.dns.records.set(NAME, { addresses: ['192.0.2.2'], ttl: 60 })
  setup.pass(61)
  t.same(setup.names.lookup(NAME), [{ address: '192.0.2.1', family: 4 }])
  await becomes(setup, '192.0.2.2')
  t.equal(setup.dns.asked(NAME), 2)
})

test('an answer that expired long ago waits for the new one', async (t) => {
  const { dns, pass, first } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 60 })
  await first()
  dns.records.set(NAME, { addresses: ['192.0.2.2'], ttl: 60 })
  pass(181)
  t.equal(await first(), '192.0.2.2')
})

test('times to live are at least a second and at most five minutes', async (t) => {
  const short = await setUp(t, { addresses: ['192.0.2.1'], ttl: 0 })
  await short.first()
  short.pass(0.9)
  await short.first()
  t.equal(short.dns.asked(NAME), 1)

  const long = await setUp(t, { addresses: ['192.0.2.1'], ttl: 86_400 })
  await long.first()
  long.pass(299)
  await long.first()
  t.equal(long.dns.asked(NAME), 1)
  long.pass(2)
  await long.first()
  await waitFor(() => long.dns.asked(NAME) === 2, 'the second question')
})

test('addresses of both families are found', async (t) => {
  const { names } = await setUp(t, { addresses: ['192.0.2.1', '2001:db8:0:0:0:0:0:1'], ttl: 60 })
  t.same(await names.lookup(NAME), [
    { address: '192.0.2.1', family: 4 },
    { address: '2001:db8::1', family: 6 }
  ])
})

test('another address comes first at each call, and the families keep their order', async (t) => {
  const ipv4 = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
  const ipv6 = ['2001:db8:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:2']
  const { names } = await setUp(t, { addresses: [...ipv6, ...ipv4], ttl: 60 })
  const turns: string[][] = []
  for (let i = 0; i < 6; i++) {
    turns.push((await names.lookup(NAME)).map(({ address }) => address))
  }
  const at = (place: number): string[] => turns.map((turn) => turn[place] ?? '')
  t.same(at(0), [...ipv4, ...ipv4])
  t.same(at(1).toSorted(), [...ipv4, ...ipv4].toSorted())
  t.same(new Set(at(3)), new Set(['2001:db8::1', '2001:db8::2']))
})

test('a name that does not exist is not asked for again at once', async (t) => {
  const { dns, names, pass, first } = await setUp(t)
  await t.rejects(first(), { code: 'ENOTFOUND' })
  await t.rejects(first(), { code: 'ENOTFOUND' })
  names.forget(NAME)
  await t.rejects(first(), { code: 'ENOTFOUND' })
  t.equal(dns.asked(NAME), 1)
  dns.records.set(NAME, { addresses: ['192.0.2.1'], ttl: 60 })
  pass(1.1)
  t.equal(await first(), '192.0.2.1')
})

test('the last good addresses stay in use while the name does not resolve', async (t) => {
  const { dns, pass, first } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 60 })
  await first()
  dns.mode = 'fails'
  pass(1000)
  t.equal(await first(), '192.0.2.1')
  pass(1000)
  t.equal(await first(), '192.0.2.1')
  dns.mode = 'answers'
  dns.records.delete(NAME)
  pass(1000)
  t.equal(await first(), '192.0.2.1')
  dns.records.set(NAME, { addresses: ['192.0.2.2'], ttl: 60 })
  // Each look is later than the pause after a failure, so that one is not waited out.
  await waitFor(async () => (pass(2), (await first()) === '192.0.2.2'), 'the new address')
})

test('a server that does not answer makes nobody wait for long who has an old address', async (t) => {
  const { dns, pass, first } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 60 })
  await first()
  dns.mode = 'is silent'
  pass(1000)
  t.equal(await first(), '192.0.2.1')
})

test('a service that moved is found at once when its old address is forgotten', async (t) => {
  const { dns, names, pass, first } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 300 })
  await first()
  dns.records.set(NAME, { addresses: ['192.0.2.2'], ttl: 300 })
  pass(2)
  names.forget(NAME)
  t.equal(await first(), '192.0.2.2')
})

test('forgetting again and again asks once a second', async (t) => {
  const { dns, names, pass, first } = await setUp(t, { addresses: ['192.0.2.1'], ttl: 300 })
  await first()
  pass(2)
  for (let i = 0; i < 10; i++) {
    names.forget(NAME)
    await first()
    pass(0.05)
  }
  t.equal(dns.asked(NAME), 2)
})

test('a thousand names are kept, those that were used last', async (t) => {
  const { dns, names } = await setUp(t)
  for (let i = 0; i < 1001; i++) {
    dns.records.set(nameAt(i), { addresses: ['192.0.2.1'], ttl: 60 })
    await names.lookup(nameAt(i))
    await names.lookup(nameAt(0))
  }
  t.equal(dns.asked(nameAt(0)), 1)
  await names.lookup(nameAt(2))
  t.equal(dns.asked(nameAt(2)), 1)
  await names.lookup(nameAt(1))
  t.equal(dns.asked(nameAt(1)), 2)
})

test('closing cancels what is asked', async (t) => {
  const { dns, names, first } = await setUp(t)
  dns.mode = 'is silent'
  const answer = first()
  await waitFor(() => dns.asked(NAME) === 1, 'the question')
  names.close()
  await t.rejects(answer, { code: 'ECANCELLED' })
})

test('an address of a server that is none is an error', async (t) => {
  t.throws(() => new NameResolver({ servers: ['dns.example'] }))
})

test('without servers the system is asked, its hosts file included', async (t) => {
  const names = new NameResolver()
  t.teardown(() => names.close())
  const addresses = await names.lookup('localhost')
  t.ok(addresses.some(({ address }) => address === '127.0.0.1' || address === '::1'))
  t.equal(names.lookup('localhost').constructor, Array)
  await t.rejects(async () => names.lookup('no.such.name.invalid'), { code: 'ENOTFOUND' })
})

test('DNS tells how long the system’s answer may be kept, when both agree', async (t) => {
  const dns = await startDnsServer(t)
  const resolver = new Resolver({ timeout: 1000, tries: 1 })
  resolver.setServers([dns.address])
  const ttlOfLocalhost = async (): Promise<number | undefined> =>
    (await querySystem('localhost', resolver)).ttl

  const { addresses } = await querySystem('localhost', resolver)
  const own = addresses.map(({ address }) => (address === '::1' ? '0:0:0:0:0:0:0:1' : address))
  dns.records.set('localhost', { addresses: [...own, '192.0.2.1'], ttl: 7 })
  t.equal(await ttlOfLocalhost(), 7000)
  dns.records.set('localhost', { addresses: ['192.0.2.1'], ttl: 7 })
  t.equal(await ttlOfLocalhost(), undefined, 'it speaks of other addresses')
  dns.mode = 'fails'
  t.equal(await ttlOfLocalhost(), undefined)
})

test('the system’s answer does not wait for DNS', async (t) => {
  const dns = await startDnsServer(t)
  dns.mode = 'is silent'
  const resolver = new Resolver({ timeout: 600_000, tries: 1 })
  resolver.setServers([dns.address])
  const { addresses, ttl } = await querySystem('localhost', resolver)
  t.ok(addresses.length > 0)
  resolver.cancel()
  t.equal(await ttl, undefined)
})
