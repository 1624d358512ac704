import { test } from 'tap'
import { isForbiddenTrailer } from '../src/headers/hop-by-hop.ts'
import { rewriteRequestHeaders } from '../src/headers/request-headers.ts'
import { contextOf, requestOf } from './header-fixtures.ts'

/** What origins believe of a server in front of them. */
const ASSERTED = [
  ['X-Authentik-Username', 'X-Auth-Request-User', 'X-WEBAUTH-USER', 'Remote-User', 'Remote-Email'],
  ['X-Remote-User', 'X-Forwarded-User', 'X-Forwarded-Access-Token', 'X-Forwarded-Server'],
  ['X-Original-URL', 'X-Original-URI', 'X-Original-Method', 'X-Rewrite-URL', 'X-Host'],
  ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Accel-Redirect'],
  ['CF-Connecting-IP', 'True-Client-IP', 'X-Client-IP', 'X-Cluster-Client-IP', 'Fly-Client-IP'],
  ['WL-Proxy-Client-IP', 'Proxy-Client-IP', 'X-Forward-For', 'OIDC-Claim-Email', 'SM-User'],
  ['Impersonate-User', 'X-Envoy-Original-Host', 'X-HTTP-Path-Override', 'X-Client-Certificate'],
  ['Fastly-Client-IP', 'Client-Cert', 'X-SSL-Client-Verify', 'Ssl-Client-Cert', 'X-Scheme']
].flat()

const FORGED = 'forged'

function forgedIn(names: readonly string[], isTrusted: boolean, drop_headers?: string[]): string[] {
  const request = requestOf(
    names.flatMap((name) => [name, FORGED]),
    { isTrusted }
  )
  const rewritten = rewriteRequestHeaders(request, contextOf({ drop_headers }))
  return rewritten.filter((_, at) => at % 2 === 0 && rewritten[at + 1] === FORGED)
}

/** What CGI programs take for a name. */
function spellings(name: string): string[] {
  const odd = [name.replaceAll('-', '_'), name.replaceAll('-', '.'), name.replace('-', '_')]
  return [name, name.toLowerCase(), name.toUpperCase(), ...odd]
}

test('what asserts identity, address or target is dropped, in any spelling', async (t) => {
  t.same(forgedIn(ASSERTED.flatMap(spellings), false), [])
  const others = [
    'X-Requested-With',
    'X-CSRF-Token',
    'X-User',
    'X-Originals',
    'Remoteness',
    'X-App'
  ]
  t.same(forgedIn(others, false), others)
})

test('a trusted proxy may set it, in its usual spelling', async (t) => {
  t.same(forgedIn(ASSERTED, true), ASSERTED)
  t.same(forgedIn(['X_Authentik_Username', 'CF_Connecting_IP'], true), [])
})

test('an upstream may name more', async (t) => {
  const own = ['X-My-User', 'x_my_user', 'X.My_User']
  t.same(forgedIn(own, false, ['x-my-user']), [])
  t.same(forgedIn(own, false), own)
  t.same(forgedIn(['X-My-User'], true, ['x-my-user']), ['X-My-User'])
  const known = ['Cookie', 'Referer', 'Origin', 'Destination', 'If']
  t.same(
    forgedIn(
      known,
      false,
      known.map((name) => name.toLowerCase())
    ),
    []
  )
})

test('no trailer asserts it', async (t) => {
  for (const name of ASSERTED) t.ok(isForbiddenTrailer(name), name)
  t.notOk(isForbiddenTrailer('x-checksum'))
})
