import { test } from 'tap'
import { isPrivate } from '../src/connect/private-addresses.ts'

/** The first and the last address of each block, and metadata services. */
const PRIVATE = {
  'this network': ['0.0.0.0', '0.255.255.255'],
  'private networks': ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255'],
  'private networks, continued': ['192.168.0.0', '192.168.255.255'],
  'shared addresses': ['100.64.0.0', '100.127.255.255'],
  loopback: ['127.0.0.1', '127.255.255.255', '::1'],
  'link-local addresses': ['169.254.0.0', '169.254.255.255', 'fe80::1', 'febf::1', 'fe80::1%lo'],
  'metadata services': ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192'],
  'protocol assignments': ['192.0.0.0', '192.0.0.255'],
  'benchmark networks': ['198.18.0.0', '198.19.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'reserved addresses': ['240.0.0.0', '255.255.255.255'],
  'the unspecified address': ['::', '0:0:0:0:0:0:0:0'],
  'unique and site-local addresses': ['fc00::', 'fdff:ffff::1', 'fec0::1']
}

const EMBEDDED = {
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:a00:1', '::FFFF:169.254.169.254'],
  'IPv4-compatible': ['::127.0.0.1', '::a9fe:a9fe', '::192.168.0.1'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::1'],
  'IPv4-translated': ['::ffff:0:127.0.0.1', '::ffff:0:c0a8:1'],
  '6to4': ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:ac10::1'],
  Teredo: ['2001:0:53aa:64c::80ff:fffe']
}

/** The neighbours of those blocks, and others. */
const PUBLIC = `
  1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
  169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
  223.255.255.255 2606:4700::1111 2a00::1 fbff::1 2001:4860:4860::8888 2003::1
  ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1 ::ffff:0:8.8.8.8`

test('what is not public is told from what is', async (t) => {
  for (const [what, addresses] of Object.entries(PRIVATE)) {
    for (const address of addresses) t.ok(isPrivate(address), `${what}: ${address}`)
  }
  for (const address of PUBLIC.trim().split(/\s+/)) t.notOk(isPrivate(address), address)
})

test('an IPv6 address that stands for a private IPv4 one is private', async (t) => {
  for (const [what, addresses] of Object.entries(EMBEDDED)) {
    for (const address of addresses) t.ok(isPrivate(address), `${what}: ${address}`)
  }
})

test('what is no address is not public', async (t) => {
  for (const text of ['', 'localhost', '127.1', '0x7f000001', '8.8.8.8/32', '[2606:4700::1111]']) {
    t.ok(isPrivate(text), JSON.stringify(text))
  }
})
