import { test } from 'tap'
import type { OriginContext } from '../src/headers/received-request.ts'
import { rewriteRequestHeaders } from '../src/headers/request-headers.ts'
import { contextOf, requestOf } from './header-fixtures.ts'

const PROXY = { peerIp: '10.0.0.1', clientIp: '198.51.100.2', isTrusted: true }
const RECEIVED = Object.entries({
  'X-Forwarded-For': '198.51.100.2, 10.0.0.9',
  'X-Forwarded-Host': 'shop.example:8443',
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Port': '8443',
  'X-Forwarded-Prefix': '/outer',
  'X-Forwarded-Server': 'edge',
  'X-Real-IP': '192.0.2.1',
  Forwarded: 'for=192.0.2.1'
}).flat()

/** The headers of this family that an origin gets, by name in lower case. */
function sent(
  upstream: Partial<OriginContext['upstream']>,
  changes = {},
  received = RECEIVED
): Record<string, string> {
  const headers = rewriteRequestHeaders(requestOf(received, changes), contextOf(upstream))
  const all: Record<string, string> = {}
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]?.toLowerCase() ?? ''
    if (/^(x-forwarded|forwarded|x-real-ip)/.test(name)) all[name] = headers[at + 1] ?? ''
  }
  return all
}

const OWN = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-host': 'www.example.com',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  'x-real-ip': '203.0.113.7'
}

test('whatever the policy, nothing that an untrusted client sends is believed', async (t) => {
  for (const forwarded of ['append', 'set', 'keep'] as const)
    t.same(sent({ forwarded }), OWN, forwarded)
  t.same(sent({ forwarded: 'none' }), {})
})

test('what a trusted proxy sends is extended, replaced, kept or left out', async (t) => {
  const prefix = { strip_prefix: '/api' }
  const kept = {
    'x-forwarded-for': '198.51.100.2, 10.0.0.9',
    'x-forwarded-host': 'shop.example:8443',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': '8443',
    'x-forwarded-prefix': '/outer/api',
    'x-forwarded-server': 'edge',
    'x-real-ip': '198.51.100.2'
  }
  const appended = { ...kept, 'x-forwarded-for': '198.51.100.2, 10.0.0.9, 10.0.0.1' }
  t.same(sent(prefix, PROXY), appended, 'the default')
  t.same(sent({ ...prefix, forwarded: 'append' }, PROXY), appended)
  t.same(sent({ ...prefix, forwarded: 'keep' }, PROXY), kept)
  t.same(sent({ ...prefix, forwarded: 'set' }, PROXY), {
    ...OWN,
    'x-forwarded-for': '198.51.100.2',
    'x-forwarded-prefix': '/api',
    'x-forwarded-server': 'edge',
    'x-real-ip': '198.51.100.2'
  })
  t.same(sent({ ...prefix, forwarded: 'none' }, PROXY), {})
})

test('headers that a trusted proxy omits are set, also if the others are kept', async (t) => {
  t.same(sent({ forwarded: 'keep' }, PROXY, []), {
    ...OWN,
    'x-forwarded-for': '198.51.100.2',
    'x-real-ip': '198.51.100.2'
  })
})

test('Forwarded says the same as the other headers, and nothing that was received', async (t) => {
  const both = { forwarded_header: true }
  t.equal(sent(both)['forwarded'], 'for=203.0.113.7;host=www.example.com;proto=https')
  t.equal(
    sent({ ...both, forwarded: 'append' }, PROXY)['forwarded'],
    'for=198.51.100.2;host="shop.example:8443";proto=http, for=10.0.0.9, for=10.0.0.1'
  )
  t.equal(
    sent({ ...both, forwarded: 'set' }, PROXY)['forwarded'],
    'for=198.51.100.2;host=www.example.com;proto=https'
  )
  t.equal(sent({ ...both, forwarded: 'none' }, PROXY)['forwarded'], undefined)
})

test('addresses in Forwarded are quoted where needed, and unknown where they are none', async (t) => {
  const list =
    '2001:db8::7, [2001:db8::8]:443, 192.0.2.7:1234, unknown, a";host=evil, [::g], 1.2.3.4:x'
  const changes = { ...PROXY, peerIp: '' }
  const { forwarded = '' } = sent({ forwarded_header: true }, changes, ['X-Forwarded-For', list])
  t.same(forwarded.split(', '), [
    'for="[2001:db8::7]";host=www.example.com;proto=https',
    'for="[2001:db8::8]:443"',
    'for="192.0.2.7:1234"',
    ...Array.from({ length: 5 }, () => 'for=unknown')
  ])
})
