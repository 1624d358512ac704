import { BlockList } from 'node:net'
import t from 'tap'
import * as z from 'zod'
import { AddressSet, Cidr } from '../src/index.ts'

function setOf(...blocks: string[]): AddressSet {
  return new AddressSet(z.array(Cidr).parse(blocks))
}

t.test('an empty set has no address', async (t) => {
  const set = setOf()
  t.ok(set.isEmpty)
  t.notOk(set.has('127.0.0.1'))
  t.notOk(set.has('::1'))
})

t.test('a block reaches from its first to its last address', async (t) => {
  const set = setOf('10.1.0.0/16', '2001:db8::/32')
  for (const ip of ['10.1.0.0', '10.1.255.255', '2001:db8::', '2001:db8:ffff::1']) {
    t.ok(set.has(ip), ip)
    t.ok(set.has(ip), `${ip} again`)
  }
  for (const ip of ['10.0.255.255', '10.2.0.0', '2001:db7:ffff::', '2001:db9::', '::1']) {
    t.notOk(set.has(ip), ip)
    t.notOk(set.has(ip), `${ip} again`)
  }
})

t.test('bits beyond the prefix count for nothing', async (t) => {
  t.ok(setOf('10.1.2.3/8').has('10.200.0.1'))
  t.ok(setOf('fd12::1/8').has('fdff::'))
})

t.test('blocks may touch, overlap and lie within one another', async (t) => {
  const set = setOf('10.0.0.0/8', '10.1.0.0/16', '10.1.0.1', '11.0.0.0/8', '9.255.255.255')
  for (const ip of ['9.255.255.255', '10.0.0.0', '10.1.0.1', '10.255.255.255', '11.255.255.255']) {
    t.ok(set.has(ip), ip)
  }
  for (const ip of ['9.255.255.254', '12.0.0.0']) t.notOk(set.has(ip), ip)
})

t.test('IPv4-mapped IPv6 is the IPv4 it stands for', async (t) => {
  t.ok(setOf('10.0.0.0/8').has('::ffff:10.1.2.3'))
  t.ok(setOf('10.0.0.0/8').has('::ffff:a01:203'))
  t.ok(setOf('::ffff:10.0.0.0/104').has('10.1.2.3'))
})

t.test('all of IPv6 holds no IPv4, nor the reverse', async (t) => {
  t.notOk(setOf('::/0').has('10.1.2.3'))
  t.notOk(setOf('::/0').has('::ffff:10.1.2.3'))
  t.ok(setOf('::/0').has('ffff::'))
  t.notOk(setOf('0.0.0.0/0').has('::1'))
  t.ok(setOf('0.0.0.0/0').has('255.255.255.255'))
})

t.test('a zone is ignored, and an invalid address is in no set', async (t) => {
  t.ok(setOf('fe80::/10').has('fe80::1%eth0'))
  for (const ip of ['', 'localhost', '10.0.0', '10.0.0.1:80', '[::1]', 'x'.repeat(100_000)]) {
    t.notOk(setOf('0.0.0.0/0', '::/0').has(ip), ip.slice(0, 20))
  }
})

t.test('more addresses than are cached are still distinguished', async (t) => {
  const set = setOf('10.0.0.0/17')
  for (let i = 0; i < 5_000; i++) {
    const ip = `10.0.${i % 256}.${i % 199}`
    if (set.has(ip) !== i % 256 < 128) t.fail(ip)
  }
})

t.test('it agrees with node:net BlockList on random addresses', async (t) => {
  const random = pseudoRandom(20_261_101)
  const list = new BlockList()
  const blocks: string[] = []
  for (let i = 0; i < 60; i++) {
    const [ipv4, prefix4] = [randomIPv4(random), 2 + (random() % 20)]
    const [ipv6, prefix6] = [randomIPv6(random), 8 + (random() % 40)]
    list.addSubnet(ipv4, prefix4, 'ipv4')
    list.addSubnet(ipv6, prefix6, 'ipv6')
    blocks.push(`${ipv4}/${prefix4}`, `${ipv6}/${prefix6}`)
  }
  const set = setOf(...blocks)
  const different: string[] = []
  for (let i = 0; i < 5_000; i++) {
    const [ipv4, ipv6] = [randomIPv4(random), randomIPv6(random)]
    if (set.has(ipv4) !== list.check(ipv4, 'ipv4')) different.push(ipv4)
    if (set.has(ipv6) !== list.check(ipv6, 'ipv6')) different.push(ipv6)
  }
  t.same(different, [])
})

function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}

function randomIPv4(random: () => number): string {
  return Array.from({ length: 4 }, () => random() % 256).join('.')
}

function randomIPv6(random: () => number): string {
  const parts = Array.from({ length: 7 }, () => (random() % 65_536).toString(16))
  return `2001:${parts.join(':')}`
}

t.test('a set covers a block if it has all its addresses, also as several blocks', async (t) => {
  const set = setOf(
    '10.0.0.0/25',
    '10.0.0.128/25',
    '192.0.2.1',
    '2001:db8::/33',
    '2001:db8:8000::/33'
  )
  for (const block of ['10.0.0.0/24', '10.0.0.7', '192.0.2.1/32', '2001:db8::/32', '2001:db8::1']) {
    t.ok(set.covers(Cidr.parse(block)), block)
  }
  for (const block of ['10.0.0.0/23', '192.0.2.0/31', '2001:db8::/31', '::/0', '0.0.0.0/0']) {
    t.notOk(set.covers(Cidr.parse(block)), block)
  }
  t.ok(setOf('0.0.0.0/0', '::/0').covers(Cidr.parse('0.0.0.0/0')))
  t.ok(setOf('0.0.0.0/0', '::/0').covers(Cidr.parse('::/0')))
})
