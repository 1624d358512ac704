import { AddressSet, Cidr } from '@reliw/options'
import { seededRandom, waitFor } from '@reliw/testing'
import t from 'tap'
import { BanTable } from '../src/bans/ban-table.ts'

const BEFORE = 1

function tableOf(...texts: string[]): BanTable {
  const table = new BanTable(1000)
  for (const text of texts) table.set(text, Infinity)
  return table
}

t.test('an address is found in any spelling, and no other is', async (t) => {
  const table = tableOf('192.0.2.1', '2001:db8::1')
  for (const ip of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '2001:db8::1']) {
    t.equal(table.has(ip), true, ip)
  }
  t.equal(table.has('2001:DB8:0:0:0:0:0:1'), true)
  for (const ip of ['192.0.2.2', '192.0.2.10', '2001:db8::2', '::192.0.2.1', '', 'x']) {
    t.equal(table.has(ip), false, ip)
    t.equal(new BanTable(10).has(ip), false)
  }
})

t.test('a ban may be spelled in any way', async (t) => {
  const table = tableOf('::ffff:192.0.2.1', '2001:DB8::0:1', '198.51.100.7/32', '203.0.113.9/24')
  t.equal(table.size, 4)
  for (const ip of ['192.0.2.1', '2001:db8::1', '198.51.100.7', '203.0.113.1']) {
    t.equal(table.has(ip), true, ip)
  }
  t.equal(table.has('198.51.100.8'), false)
})

t.test('of several bans of one address each counts until it ends', async (t) => {
  const texts = ['2001:db8::1', '2001:DB8::1', '2001:db8:0::1', '2001:db8::/32']
  const table = tableOf(...texts)
  for (const text of texts) {
    t.equal(table.has('2001:db8::1'), true)
    table.delete(text)
    table.delete(text)
  }
  t.equal(table.has('2001:db8::1'), false)
  t.equal(table.size, 0)
  table.set('192.0.2.0/24', Infinity)
  table.set('192.0.2.1', BEFORE)
  t.equal(table.has('192.0.2.1'), true, 'the longer one counts')
})

t.test('an expired ban does not hold, memoized or not', async (t) => {
  const table = tableOf()
  const end = Date.now() + 100
  for (const text of ['192.0.2.1', '2001:db8::/64', '198.51.100.0/24', '203.0.113.7/32']) {
    table.set(text, end)
  }
  const ips = ['192.0.2.1', '2001:db8::7', '198.51.100.7', '203.0.113.7']
  const banned = ips.filter((ip) => table.has(ip))
  if (Date.now() < end) t.same(banned, ips)
  await waitFor(() => Date.now() >= end, 'the end')
  t.same(
    ips.filter((ip) => table.has(ip)),
    []
  )
  table.set('192.0.2.1', Infinity)
  t.equal(table.has('192.0.2.1'), true, 'prolonged')
})

t.test('keys without an address are left out, and so are bans beyond the maximum', async (t) => {
  const table = new BanTable(2)
  table.set('everybody', Infinity)
  table.delete('everybody')
  t.equal(table.size, 0)
  table.set('192.0.2.1', Infinity)
  table.set('192.0.2.2', Infinity)
  table.set('192.0.2.2', Infinity)
  t.equal(table.overflow, false)
  table.set('192.0.2.3', Infinity)
  table.set('192.0.2.0/24', Infinity)
  t.equal(table.overflow, true)
  t.equal(table.size, 2)
  t.equal(table.has('192.0.2.3'), false)
  table.delete('192.0.2.1')
  table.set('192.0.2.4', Infinity)
  t.equal(table.has('192.0.2.4'), true)
  t.equal(table.has('192.0.2.1'), false)
})

t.test('after any changes it knows the same as a set of the blocks that are left', async (t) => {
  const { below } = seededRandom(t)
  // Few different bits, so that blocks overlap and addresses hit.
  const ipv4 = (): string => `10.${below(2)}.${below(4)}.${below(8)}`
  const ipv6 = (): string => `2001:db8:${below(2)}:${below(3)}::${below(6)}`
  const address = (): string => (below(2) === 0 ? ipv4() : ipv6())
  const block = (): string => {
    const ip = address()
    if (below(3) === 0) return ip
    return ip.includes(':') ? `${ip}/${40 + below(89)}` : `${ip}/${12 + below(21)}`
  }
  const table = new BanTable(1000)
  const left = new Set<string>()
  for (let n = 0; n < 300; n++) {
    const text = block()
    table.set(text, Infinity)
    left.add(text)
    const [oldest = ''] = left
    if (left.size > 12) {
      table.delete(oldest)
      left.delete(oldest)
    }
    const oracle = new AddressSet([...left].map((given) => Cidr.parse(given)))
    for (let probe = 0; probe < 20; probe++) {
      const ip = address()
      if (table.has(ip) !== oracle.has(ip)) t.fail(`${ip} in ${[...left].join(' ')}`)
    }
    if (table.size !== left.size) t.fail(`${table.size} instead of ${left.size}`)
  }
  t.pass()
})
