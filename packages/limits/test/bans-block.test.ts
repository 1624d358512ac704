import { AddressSet, Cidr, clientBlock, networkOf } from '@reliw/options'
import { seededRandom } from '@reliw/testing'
import t from 'tap'
import { parseBlock } from '../src/bans/block.ts'

const spellings: [text: string, canonical: string | undefined][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1/32', '192.0.2.1'],
  ['192.0.2.1/24', '192.0.2.0/24'],
  ['192.0.2.255/25', '192.0.2.128/25'],
  ['203.0.113.7/0', '0.0.0.0/0'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['2001:db8::1/128', '2001:db8::1'],
  ['2001:db8:1:2:3:4:5:6/64', '2001:db8:1:2::/64'],
  ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
  ['::/0', '::/0'],
  ['::1', '::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1/120', '192.0.2.0/24'],
  ['::1.2.3.4', '::102:304'],
  ['192.0.2.1/33', undefined],
  ['192.0.2.1/-1', undefined],
  ['192.0.2.01', undefined],
  ['192.0.2', undefined],
  ['2001:db8::/129', undefined],
  ['fe80::1%eth0', undefined],
  ['[::1]', undefined],
  ['example.com', undefined],
  ['', undefined],
  ['1'.repeat(100_000), undefined]
]

t.test('a block has one canonical spelling', async (t) => {
  for (const [text, canonical] of spellings) {
    t.equal(parseBlock(text)?.text, canonical, text.slice(0, 40))
    if (canonical !== undefined) t.equal(parseBlock(canonical)?.text, canonical)
  }
  t.match(parseBlock('192.0.2.1'), { family: 4, prefix: 32, isSingle: true })
  t.match(parseBlock('::ffff:192.0.2.1/127'), { family: 4, prefix: 31, isSingle: false })
  t.match(parseBlock('2001:db8::/64'), { family: 6, prefix: 64, isSingle: false })
})

t.test('a client is its IPv4 address, or the /64 of its IPv6 address', async (t) => {
  t.equal(clientBlock('192.0.2.1'), '192.0.2.1')
  t.equal(clientBlock('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(clientBlock('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  t.equal(clientBlock('2001:DB8:1:2::'), '2001:db8:1:2::/64')
  t.equal(clientBlock('fe80::1%eth0'), 'fe80::/64')
  t.equal(clientBlock(''), undefined)
  t.equal(clientBlock('somebody'), undefined)
})

t.test('an address lies in the network that is made of its leading bits', async (t) => {
  const { below } = seededRandom(t)
  for (let n = 0; n < 2000; n++) {
    const isIPv4 = n % 2 === 0
    const prefix = below(isIPv4 ? 33 : 129)
    const address = isIPv4
      ? Array.from({ length: 4 }, () => below(256)).join('.')
      : Array.from({ length: 8 }, () => (1 + below(0xffff)).toString(16)).join(':')
    const network = networkOf(address, prefix)
    const block = Cidr.parse(`${network}/${prefix}`)
    if (!new AddressSet([block]).has(address)) t.fail(`${address} in ${network}/${prefix}`)
    if (networkOf(network, prefix) !== network) t.fail(`${network} is not the first of /${prefix}`)
    if (networkOf(address, isIPv4 ? 32 : 128) !== address) t.fail(`${address} is itself`)
  }
  t.pass()
})
