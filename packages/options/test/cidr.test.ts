import t from 'tap'
import { Cidr, normalizeAddress } from '../src/index.ts'

t.test('an address is a block of one', async (t) => {
  t.same(Cidr.parse('192.0.2.1'), { address: '192.0.2.1', family: 4, prefix: 32 })
  t.same(Cidr.parse('2001:DB8:0::1'), { address: '2001:db8::1', family: 6, prefix: 128 })
})

t.test('a block has a prefix', async (t) => {
  t.same(Cidr.parse('10.0.0.0/8'), { address: '10.0.0.0', family: 4, prefix: 8 })
  t.same(Cidr.parse('0.0.0.0/0'), { address: '0.0.0.0', family: 4, prefix: 0 })
  t.same(Cidr.parse('fd00::/8'), { address: 'fd00::', family: 6, prefix: 8 })
})

t.test('IPv4-mapped IPv6 is IPv4, unless the block reaches beyond it', async (t) => {
  t.same(Cidr.parse('::ffff:10.0.0.1'), { address: '10.0.0.1', family: 4, prefix: 32 })
  t.same(Cidr.parse('::ffff:10.0.0.0/104'), { address: '10.0.0.0', family: 4, prefix: 8 })
  t.match(Cidr.parse('::ffff:0:0/95'), { family: 6, prefix: 95 })
})

const refused = [
  '',
  '/',
  '/8',
  'localhost',
  '10',
  '10.0',
  '10.0.0.256',
  '010.0.0.1',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0.0/255.0.0.0',
  '10.0.0.1 ',
  '::1/129',
  '::1/1000',
  '[::1]',
  'fe80::1%eth0',
  ':::'
]

t.test('a text that is neither an address nor a block is refused', async (t) => {
  for (const text of refused) {
    t.match(Cidr.safeParse(text), { success: false, error: /expected an IP address or CIDR/ }, text)
  }
})

t.test('equal addresses are written alike', async (t) => {
  t.equal(normalizeAddress('192.0.2.1'), '192.0.2.1')
  t.equal(normalizeAddress('::FFFF:192.0.2.1'), '192.0.2.1')
  t.equal(normalizeAddress('::ffff:c000:201'), '192.0.2.1')
  t.equal(normalizeAddress('2001:0DB8::0:1'), '2001:db8::1')
  t.equal(normalizeAddress('::1.2.3.4'), '::102:304')
  t.equal(normalizeAddress('fe80::1%eth0'), 'fe80::1')
})

t.test('a text that is not an address has no normal form', async (t) => {
  for (const text of ['', '1.2.3', '1.2.3.4%eth0', '%', '[::1]', 'unknown', '1.2.3.4:80']) {
    t.equal(normalizeAddress(text), undefined, text)
  }
  t.equal(normalizeAddress('0:'.repeat(5_000)), undefined)
})
