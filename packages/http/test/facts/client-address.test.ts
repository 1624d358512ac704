import { AddressSet, Cidr } from '@reliw/options'
import t from 'tap'
import { clientAddress, peerAddress } from '../../src/index.ts'

const trusted = new AddressSet(
  ['10.0.0.0/8', '127.0.0.1', 'fd00::/8'].map((block) => Cidr.parse(block))
)

const walks: [forwarded: string, client: string][] = [
  ['203.0.113.7', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['203.0.113.7, 10.0.0.2', '203.0.113.7'],
  ['203.0.113.7,10.0.0.2,10.0.0.3', '203.0.113.7'],
  ['1.1.1.1, 203.0.113.7', '203.0.113.7'],
  ['10.0.0.9, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
  ['10.0.0.8, 10.0.0.9', '10.0.0.8'],
  ['10.0.0.9', '10.0.0.9'],
  ['2001:DB8::0:7', '2001:db8::7'],
  ['2001:db8::7, fd00::1', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['203.0.113.7:4711, 10.0.0.2:80', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7, ::ffff:10.0.0.2', '203.0.113.7'],
  ['unknown, 10.0.0.2', '10.0.0.2'],
  ['203.0.113.7, unknown, 10.0.0.2', '10.0.0.2'],
  ['203.0.113.7, unknown', '10.0.0.1'],
  ['203.0.113.7, , 10.0.0.2', '10.0.0.2'],
  ['203.0.113.7,', '10.0.0.1'],
  [',203.0.113.7', '203.0.113.7'],
  [',10.0.0.2', '10.0.0.2'],
  [',', '10.0.0.1'],
  ['', '10.0.0.1'],
  ['_hidden', '10.0.0.1'],
  ['203.0.113.007', '10.0.0.1'],
  ['fe80::1%eth0', '10.0.0.1'],
  ['[fe80::1%25eth0]', '10.0.0.1'],
  ['[2001:db8::7', '10.0.0.1'],
  ['203.0.113.7:', '10.0.0.1'],
  ['203.0.113.7:http', '10.0.0.1'],
  ['"203.0.113.7"', '10.0.0.1'],
  ['for=203.0.113.7', '10.0.0.1'],
  ['203.0.113.7 10.0.0.2', '10.0.0.1'],
  ['10.0.0.2,'.repeat(1_000), '10.0.0.1'],
  [`203.0.113.7${',10.0.0.2'.repeat(1_000)}`, '203.0.113.7']
]

t.test('behind a trusted proxy the client is the last untrusted address', async (t) => {
  for (const [forwarded, client] of walks) {
    const headers = { 'x-forwarded-for': forwarded }
    t.equal(clientAddress('10.0.0.1', headers, trusted), client, forwarded.slice(0, 40))
  }
})

t.test('an untrusted peer is the client, whatever its headers', async (t) => {
  const headers = { 'x-forwarded-for': '1.1.1.1', 'x-real-ip': '2.2.2.2' }
  t.equal(clientAddress('203.0.113.7', headers, trusted), '203.0.113.7')
  t.equal(clientAddress('', headers, trusted), '')
  t.equal(clientAddress('10.0.0.1', headers, new AddressSet([])), '10.0.0.1')
})

t.test('without X-Forwarded-For a trusted proxy may name the client in X-Real-IP', async (t) => {
  const behind = (real: string) => clientAddress('10.0.0.1', { 'x-real-ip': real }, trusted)
  t.equal(behind('203.0.113.7'), '203.0.113.7')
  t.equal(behind('[2001:DB8::7]:80'), '2001:db8::7')
  t.equal(behind('203.0.113.7, 1.1.1.1'), '10.0.0.1')
  t.equal(behind('nobody'), '10.0.0.1')
  t.equal(clientAddress('10.0.0.1', {}, trusted), '10.0.0.1')
  const both = { 'x-forwarded-for': 'unknown', 'x-real-ip': '203.0.113.7' }
  t.equal(clientAddress('10.0.0.1', both, trusted), '10.0.0.1', 'X-Forwarded-For comes first')
})

const server = { address: () => ({ address: '::', family: 'IPv6', port: 80 }) }
const unix = { address: () => '/run/reliw.sock' }
const stopped = { address: () => null }

t.test('the peer of a TCP connection is its address, IPv4-mapped IPv6 as IPv4', async (t) => {
  t.equal(peerAddress({ remoteAddress: '203.0.113.7', server }), '203.0.113.7')
  t.equal(peerAddress({ remoteAddress: '::ffff:203.0.113.7', server }), '203.0.113.7')
  t.equal(peerAddress({ remoteAddress: '2001:db8::7', server }), '2001:db8::7')
  t.equal(peerAddress({ remoteAddress: 'fe80::1%eth0', server }), 'fe80::1')
})

t.test('the peer of a Unix socket is this machine', async (t) => {
  t.equal(peerAddress({ remoteAddress: undefined, server: unix }), '127.0.0.1')
})

t.test('a TCP peer that has disconnected has no address, and is never trusted', async (t) => {
  const gone = peerAddress({ remoteAddress: undefined, server })
  t.equal(gone, '')
  t.equal(clientAddress(gone, { 'x-forwarded-for': '1.1.1.1' }, trusted), '')
  t.equal(peerAddress({ remoteAddress: undefined, server: stopped }), '')
  t.equal(peerAddress({ remoteAddress: undefined }), '', 'accepted by no server')
})
