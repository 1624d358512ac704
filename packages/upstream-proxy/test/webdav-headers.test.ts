import { test } from 'tap'
import type { OriginContext } from '../src/headers/received-request.ts'
import { rewriteReferences } from '../src/headers/references.ts'
import { rewriteRequestHeaders } from '../src/headers/request-headers.ts'
import { contextOf, requestOf, valuesOf } from './header-fixtures.ts'

const PREFIXES = contextOf({ strip_prefix: '/files', add_prefix: '/dav' })

function sent(name: string, value: string, context?: OriginContext, changes = {}): string {
  const headers = rewriteRequestHeaders(requestOf([name, value], changes), context ?? contextOf())
  return valuesOf(headers, name.toLowerCase()).join('|')
}

/** What an origin is told of both. */
function portAndPrefix(changes = {}, context = contextOf(), headers: string[] = []): string[] {
  const all = rewriteRequestHeaders(requestOf(headers, changes), context)
  return [...valuesOf(all, 'x-forwarded-port'), ...valuesOf(all, 'x-forwarded-prefix')]
}

test('a Destination at the public host becomes one at the origin, whichever scheme it names', async (t) => {
  const target = 'http://app.internal:3000'
  t.equal(sent('Destination', 'https://www.example.com/a%20b'), `${target}/a%20b`)
  t.equal(sent('Destination', 'http://www.example.com/a?x#y'), `${target}/a?x#y`)
  t.equal(sent('Destination', 'https://WWW.Example.com:443/a'), `${target}/a`)
  t.equal(sent('destination', 'https://www.example.com'), `${target}/`)
  const plain = { publicHost: 'localhost:8080', isSecure: false }
  t.equal(sent('Destination', 'http://localhost:8080/a', undefined, plain), `${target}/a`)
})

test('a Destination goes through the prefixes, as the path of the request does', async (t) => {
  const target = 'http://app.internal:3000/dav'
  t.equal(sent('Destination', 'https://www.example.com/files/b.txt', PREFIXES), `${target}/b.txt`)
  t.equal(sent('Destination', '/files/b.txt', PREFIXES), '/dav/b.txt')
  t.equal(sent('Destination', '/b.txt'), '/b.txt')
})

test('with the host preserved a Destination keeps it, and has the scheme of the origin', async (t) => {
  const context = contextOf({ preserve_host: true, strip_prefix: '/files' })
  const value = 'https://www.example.com/files/b.txt'
  t.equal(sent('Destination', value, context), 'http://www.example.com/b.txt')
})

test('a Destination that names nothing of the upstream stays as it is', async (t) => {
  const foreign = [
    'https://other.example/files/a',
    'https://www.example.com:8443/files/a',
    'https://www.example.com/filesystem/a',
    'https://www.example.com/a',
    'https://user@www.example.com/files/a',
    'https://www.example.com\\files/a',
    'ftp://www.example.com/files/a',
    '//www.example.com/files/a',
    '/a',
    'files/a',
    ''
  ]
  for (const value of foreign) t.equal(sent('Destination', value, PREFIXES), value, value)
})

test('the resource tags of If are rewritten, state tokens and entity tags are not', async (t) => {
  const value =
    '<https://www.example.com/files/a> (<urn:uuid:1> ["<https://www.example.com/files/x>"]) ' +
    '(Not <https://www.example.com/files/token>) </files/b>(<DAV:no-lock>)'
  t.equal(
    sent('If', value, PREFIXES),
    '<http://app.internal:3000/dav/a> (<urn:uuid:1> ["<https://www.example.com/files/x>"]) ' +
      '(Not <https://www.example.com/files/token>) </dav/b>(<DAV:no-lock>)'
  )
  const untagged = '(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> ["I am an ETag"])'
  t.equal(sent('If', untagged, PREFIXES), untagged)
})

test('an If that is not well-formed is passed on, and takes no time', async (t) => {
  for (const value of ['', '<', '(', '"', '<a', '(<a', '(["a)', '>)<', '("a\\"'])
    t.equal(sent('If', value, PREFIXES), value, value)
  for (const part of ['<', '(', '"', '(<', '("\\'])
    t.equal(rewriteReferences(part.repeat(200_000), String).length, part.length * 200_000)
})

test('an origin is told the port and the prefix that the client used', async (t) => {
  t.same(portAndPrefix(), ['443'])
  t.same(portAndPrefix({ isSecure: false }), ['80'])
  t.same(portAndPrefix({ publicHost: 'localhost:8080' }), ['8080'])
  t.same(portAndPrefix({ publicHost: '[::1]' }), ['443'])
  t.same(portAndPrefix({}, PREFIXES), ['443', '/files'])
  t.same(portAndPrefix({}, contextOf({ add_prefix: '/dav' })), ['443'])
  const theirs = ['X-Forwarded-Port', '8443', 'X-Forwarded-Prefix', '/outer']
  t.same(portAndPrefix({}, PREFIXES, theirs), ['443', '/files'], 'nobody else is believed')
  const trusted = { isTrusted: true, peerIp: '10.0.0.1' }
  t.same(portAndPrefix(trusted, PREFIXES, theirs), ['8443', '/outer/files'])
  for (const prefix of ['//evil.example', '/\\evil', 'outer', '/a, /b', '/a/', '/ü'])
    t.same(portAndPrefix(trusted, contextOf(), ['X-Forwarded-Prefix', prefix]), ['443'], prefix)
  for (const port of ['0', '65536', '80, 81', 'x', '-1', ''])
    t.same(portAndPrefix(trusted, contextOf(), ['X-Forwarded-Port', port]), ['443'], port)
  const proto = ['X-Forwarded-Proto', 'http', 'X-Forwarded-Host', 'shop.example:81']
  t.same(portAndPrefix(trusted, contextOf(), proto), ['81'])
})
