import { createSecretKey, sign } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { KeySets } from '../src/jwt/key-sets.ts'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import {
  createEcKey,
  createRsaKey,
  encode,
  forge,
  claimsWith,
  issue,
  NOW_MS,
  outcome,
  publish,
  settingsWith,
  startIssuer,
  type Issuer
} from './jwt-issuing.ts'

const ec = createEcKey()
const rsa = createRsaKey()
const good = publish(ec, { kid: 'one' })
const goodSet = JSON.stringify({ keys: [good] })
const token = await issue({ alg: 'ES256', kid: 'one', key: ec.privateKey })

/** Longer than any test. */
const MINUTE = 60_000
const ALGORITHMS = ['ES256', 'RS256', 'HS256']

/** A verifier whose keys are always too old, so that each token makes it ask again. */
function createVerifier({ uri }: Issuer, timeout = 5000): TokenVerifier {
  let uptime = 0
  const keySets = new KeySets({ timeout, now: () => (uptime += 600_000) })
  const settings = settingsWith({ algorithms: ALGORITHMS, secret: undefined, jwks_uri: uri })
  return new TokenVerifier(settings, { keySets, now: () => NOW_MS })
}

const say =
  (
    status: number,
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {}
  ): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)

const HTML = '<!doctype html><title>Log in</title>'
const BIG = JSON.stringify({ keys: [good], note: 'a'.repeat(262_144) })
const BOMB = gzipSync(Buffer.alloc(50_000_000, ' '))
const endless: RequestListener = (_request, response) => {
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  }
  response.on('drain', more)
  more()
}

const hostile: [what: string, respond: RequestListener, reason: string][] = [
  ['an error', say(500, goodSet), 'status 500'],
  ['a page that is not there', say(404, goodSet), 'status 404'],
  ['no content', say(204, ''), 'status 204'],
  ['a page', say(200, HTML, { 'content-type': 'text/html' }), 'the response is not JSON'],
  ['nothing', say(200, ''), 'the response is not JSON'],
  ['half of it', say(200, goodSet.slice(0, -9)), 'the response is not JSON'],
  ['null', say(200, 'null'), 'the response has no list of keys'],
  ['a text', say(200, '"keys"'), 'the response has no list of keys'],
  ['a list', say(200, JSON.stringify([good])), 'the response has no list of keys'],
  ['a single key', say(200, JSON.stringify(good)), 'the response has no list of keys'],
  ['keys that are an object', say(200, '{"keys":{"0":1}}'), 'the response has no list of keys'],
  ['deep nesting', say(200, `{"keys":${'['.repeat(100_000)}`), 'the response is not JSON'],
  [
    'too many keys',
    say(200, JSON.stringify({ keys: Array(101).fill(good) })),
    'the response has too many keys'
  ],
  ['too much', say(200, BIG), 'the response is too large'],
  ['no end', endless, 'the response is too large'],
  ['a bomb', say(200, BOMB, { 'content-encoding': 'gzip' }), 'the response is too large'],
  ['what is no gzip', say(200, goodSet, { 'content-encoding': 'gzip' }), 'Z_DATA_ERROR'],
  ['a closed connection', (request) => void request.socket.destroy(), 'UND_ERR_SOCKET'],
  [
    'no HTTP',
    (request) => void request.socket.end('hello\r\n\r\n'),
    'does not match the HTTP/1.1 protocol'
  ]
]

t.test('a hostile response is not a key set', async (t) => {
  const issuer = await startIssuer(t)
  for (const [what, respond, reason] of hostile) {
    issuer.respond = respond
    const result = await createVerifier(issuer).verify(token)
    t.match(result, { refused: 503, reason }, what)
  }
})

t.test('a hostile response removes no keys', async (t) => {
  const issuer = await startIssuer(t)
  for (const [what, respond] of hostile) {
    issuer.respond = say(200, goodSet)
    const verifier = createVerifier(issuer)
    t.equal(outcome(await verifier.verify(token)), 'alice')
    issuer.respond = respond
    const { requests } = issuer
    t.equal(outcome(await verifier.verify(token)), 'alice', what)
    t.ok(issuer.requests > requests)
  }
})

t.test('a redirect is not followed', async (t) => {
  const issuer = await startIssuer(t)
  const other = await startIssuer(t)
  other.publish(good)
  for (const status of [301, 302, 303, 307, 308]) {
    issuer.respond = say(status, '', { location: other.uri })
    const result = await createVerifier(issuer).verify(token)
    t.same(result, { refused: 503, reason: `no keys: status ${status}` })
  }
  t.equal(other.requests, 0)
})

t.test('a missing or incomplete response ends with the timeout', async (t) => {
  const issuer = await startIssuer(t)
  let closed = 0
  const slow: RequestListener[] = [
    (_request, response) => void response.on('close', () => (closed += 1)),
    (_request, response) => {
      response.on('close', () => (closed += 1)).write(goodSet.slice(0, 10))
    }
  ]
  for (const respond of slow) {
    issuer.respond = respond
    const result = await createVerifier(issuer, 50).verify(token)
    t.same(result, { refused: 503, reason: 'no keys: no response in time' })
  }
  await waitFor(() => closed === 2, 'the connections to be closed')
})

t.test('the connection of a refused response is closed', async (t) => {
  const issuer = await startIssuer(t)
  let closed = 0
  issuer.respond = (request, response) => {
    response.on('close', () => (closed += 1))
    endless(request, response)
  }
  t.equal(outcome(await createVerifier(issuer, MINUTE).verify(token)), 503)
  issuer.respond = (_request, response) => {
    response.on('close', () => (closed += 1))
    response.writeHead(500).write('never ends')
  }
  t.equal(outcome(await createVerifier(issuer, MINUTE).verify(token)), 503)
  await waitFor(() => closed === 2, 'the connections to be closed')
})

t.test('a secret that is published is never used', async (t) => {
  const issuer = await startIssuer(t)
  const secret = 'published, so everybody has it: not a secret'
  const key = createSecretKey(secret, 'utf8')
  for (const members of [{}, { alg: 'HS256' }, { kid: 'one', use: 'sig' }, { alg: 'ES256' }]) {
    issuer.publish({ ...key.export({ format: 'jwk' }), ...members }, good)
    const verifier = createVerifier(issuer)
    const forged = forge({ alg: 'HS256', kid: 'one' }, claimsWith(), secret)
    t.equal(outcome(await verifier.verify(forged)), 503, 'there is no secret in the settings')
    t.equal(outcome(await verifier.verify(token)), 'alice', 'the other key is')
  }
})

t.test('a private key that is published is never used', async (t) => {
  const issuer = await startIssuer(t)
  const leaked = createEcKey()
  issuer.publish({ ...leaked.privateKey.export({ format: 'jwk' }), kid: 'leaked' }, good)
  const verifier = createVerifier(issuer)
  for (const kid of ['leaked', undefined]) {
    const options = { alg: 'ES256', key: leaked.privateKey }
    const forged = await issue(kid === undefined ? options : { ...options, kid })
    t.equal(outcome(await verifier.verify(forged)), 401)
  }
  t.equal(outcome(await verifier.verify(token)), 'alice')
})

t.test('keys for something else, broken ones and what is no key are left out', async (t) => {
  const issuer = await startIssuer(t)
  const rsaJwk = publish(rsa)
  const useless: unknown[] = [
    publish(rsa, { kid: 'rsa', use: 'enc' }),
    publish(rsa, { kid: 'rsa', key_ops: ['encrypt'] }),
    publish(rsa, { kid: 'rsa', alg: 'RSA-OAEP' }),
    publish(rsa, { kid: 'rsa', alg: 'PS256' }),
    publish(rsa, { kid: ['rsa'] }),
    publish(rsa, { kid: 'rsa', e: 'AQ' }),
    { ...rsaJwk, kid: 'rsa', n: undefined },
    { ...rsaJwk, kid: 'rsa', n: 'not base64!' },
    publish(ec, { kid: 'rsa' }),
    publish(ec, { kid: 'rsa', x: publish(ec)['y'] }),
    publish(ec, { kid: 'rsa', crv: 'P-384' }),
    { kty: 'RSA', kid: 'rsa' },
    { kty: 'AKP', kid: 'rsa' },
    { kid: 'rsa' },
    [],
    null,
    1,
    'rsa'
  ]
  for (const jwk of useless) {
    issuer.publish(jwk, good)
    const verifier = createVerifier(issuer)
    const signed = await issue({ alg: 'RS256', kid: 'rsa', key: rsa.privateKey })
    t.equal(outcome(await verifier.verify(signed)), 401, JSON.stringify(jwk)?.slice(0, 80))
    t.equal(outcome(await verifier.verify(token)), 'alice')
  }
})

t.test('a weak key that is published is never used', async (t) => {
  const issuer = await startIssuer(t)
  for (const weak of [createRsaKey(1024), createRsaKey(2040)]) {
    issuer.publish(publish(weak, { kid: 'weak' }), good)
    const verifier = createVerifier(issuer)
    const signed = `${encode({ alg: 'RS256', kid: 'weak' })}.${encode(claimsWith())}`
    const signature = encode(sign('sha256', Buffer.from(signed), weak.privateKey))
    t.equal(outcome(await verifier.verify(`${signed}.${signature}`)), 401)
    t.equal(outcome(await verifier.verify(token)), 'alice')
  }
})

t.test('keys of the same name are all tried', async (t) => {
  const issuer = await startIssuer(t)
  const other = createEcKey()
  issuer.publish(publish(other, { kid: 'one' }), publish(rsa, { kid: 'one' }), good)
  const verifier = createVerifier(issuer)
  t.equal(outcome(await verifier.verify(token)), 'alice')
  const signed = await issue({ alg: 'RS256', kid: 'one', key: rsa.privateKey })
  t.equal(outcome(await verifier.verify(signed)), 'alice')
  const stranger = await issue({ alg: 'ES256', kid: 'one', key: createEcKey().privateKey })
  t.equal(outcome(await verifier.verify(stranger)), 401)
})

t.test('an empty set is one: nothing is signed with any of its keys', async (t) => {
  const issuer = await startIssuer(t)
  issuer.publish(good)
  const verifier = createVerifier(issuer)
  t.equal(outcome(await verifier.verify(token)), 'alice')
  issuer.publish()
  t.equal(outcome(await verifier.verify(token)), 401)
})
