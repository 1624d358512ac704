import { Cidr, clientBlock, networkOf } from '@reliw/options'
import t from 'tap'

t.test('an IPv4 client is counted by its address', async (t) => {
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7'])
    t.equal(clientBlock(address), '192.0.2.7')
})

t.test('an IPv6 client is counted with its /64', async (t) => {
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff:0:0:9', '2001:DB8:1:2::%eth0'])
    t.equal(clientBlock(address), '2001:db8:1:2::/64')
  for (const address of ['::1', '2001:db8::', 'fe80:0:0:1::', '1:0:0:0:2:3:4:5']) {
    const block = clientBlock(address) ?? ''
    t.ok(Cidr.safeParse(block).success, `${block} is a block`)
  }
})

t.test('an invalid address is no client', async (t) => {
  for (const text of ['', 'x', ':', '1::2::3']) t.equal(clientBlock(text), undefined)
})

t.test('a network is named by its first address', async (t) => {
  t.equal(networkOf('10.1.2.3', 8), '10.0.0.0')
  t.equal(networkOf('10.1.2.3', 32), '10.1.2.3')
  t.equal(networkOf('2001:db8:ffff::1', 33), '2001:db8:8000::')
})
