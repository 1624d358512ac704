import { createHmac, sign } from 'node:crypto'
import t from 'tap'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import {
  claimsWith,
  createRsaKey,
  encode,
  forge,
  issue,
  NOW,
  NOW_MS,
  outcome,
  publish,
  SECRET,
  settingsWith
} from './jwt-issuing.ts'

const now = (): number => NOW_MS
const rsa = createRsaKey()
const stranger = createRsaKey()
const settings = settingsWith({
  algorithms: ['HS256', 'RS256'],
  public_key: rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  issuer: 'https://id.example',
  audience: ['app', 'other'],
  max_age: 3_600_000
})
const claims = claimsWith({ iss: 'https://id.example', aud: 'app' })
const HS256 = { alg: 'HS256', typ: 'JWT' }

const valid = forge(HS256, claims)
const [header = '', payload = '', signature = ''] = valid.split('.')
/** Rightly signed, with other claims, or without some. */
const saying = (other: Readonly<Record<string, unknown>>): string =>
  forge(HS256, { ...claims, ...other })
/** Rightly signed, with another header. */
const headed = (other: Readonly<Record<string, unknown>>): string =>
  forge({ ...HS256, ...other }, claims)
/** Signed by nobody. */
const unsigned = (alg: string): string => `${encode({ alg })}.${payload}.`
const jwkOf = { jwk: publish(stranger), kid: 'mine' }
/** The same bytes in a second spelling: the last character has bits that mean nothing. */
const strayBits = (part: string): string => {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1) ?? '') + 1]
}
const padded = (token: string, length: number): string =>
  `${token}${'A'.repeat(length - token.length)}`

const refused: [what: string, token: string, status: 401 | 403][] = [
  // Not three parts
  ['nothing', '', 403],
  ['a space', ' ', 403],
  ['a word', 'token', 403],
  ['a zero byte', '\0', 403],
  ['one dot', '.', 403],
  ['two dots', '..', 403],
  ['three dots', '...', 403],
  ['one part', header, 403],
  ['two parts', `${header}.${payload}`, 403],
  ['no signature', `${header}.${payload}.`, 403],
  ['no payload', `${header}..${signature}`, 403],
  ['no header', `.${payload}.${signature}`, 403],
  ['four parts', `${valid}.${signature}`, 403],
  ['an encrypted token', `${header}.${payload}.${signature}.${payload}.${signature}`, 403],
  ['a dot behind', `${valid}.`, 403],
  ['a dot in front', `.${valid}`, 403],
  ['JSON', JSON.stringify({ protected: header, payload, signature }), 403],
  ['a scheme in front', `Bearer ${valid}`, 403],
  // Not base64url
  ['a space behind', `${valid} `, 403],
  ['a line feed behind', `${valid}\n`, 403],
  ['a space in front', ` ${valid}`, 403],
  ['a space within', `${header}. ${payload}.${signature}`, 403],
  [
    'a space in the signature',
    `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`,
    403
  ],
  ['padding', `${valid}=`, 403],
  ['base64', `${header}.${payload}.${Buffer.alloc(32, 0xfb).toString('base64').slice(0, -1)}`, 403],
  ['a percent escape', `${header}.${payload}.%41${signature}`, 403],
  ['quotes', `"${valid}"`, 403],
  ['letters beyond ASCII', `${header}.${payload}.${signature}é`, 403],
  ['full-width letters', `${header}.${payload}.Ａ${signature}`, 403],
  ['a character that is left over', `${header}.${payload}.${signature}AA`, 403],
  ['a signature of one character', `${header}.${payload}.A`, 403],
  ['stray bits in the signature', `${header}.${payload}.${strayBits(signature)}`, 403],
  ['a header of one character', `A.${payload}.${signature}`, 403],
  // Not JSON
  ['a header of no bytes that are text', forge(Buffer.of(0xff, 0xfe), claims), 403],
  ['a header that is no JSON', forge('{"alg":"HS256"', claims), 403],
  ['a header with a BOM', forge(`\ufeff${JSON.stringify(HS256)}`, claims), 403],
  ['a header that is a list', forge([HS256], claims), 403],
  ['a header that is null', forge('null', claims), 403],
  ['a header that is a text', forge('"HS256"', claims), 403],
  ['a payload that is no JSON', forge(HS256, 'alice'), 403],
  ['a payload that is a list', forge(HS256, [claims]), 403],
  ['a payload that is null', forge(HS256, 'null'), 403],
  ['a payload that is a number', forge(HS256, '1'), 403],
  ['a payload that is another token', forge({ ...HS256, cty: 'JWT' }, valid), 403],
  ['a payload with broken UTF-8', forge(HS256, Buffer.from('{"sub":"\xff"}', 'latin1')), 403],
  ['a payload of brackets', forge(HS256, '['.repeat(3000)), 403],
  ['a payload that is no JSON, wrongly signed', `${header}.${encode('alice')}.${signature}`, 403],
  [
    'an object with broken UTF-8, wrongly signed',
    `${header}.${encode(Buffer.from('{"sub":"\xff"}', 'latin1'))}.AAAA`,
    403
  ],
  // Algorithms
  ['none', unsigned('none'), 403],
  ['none with a signature', headed({ alg: 'none' }), 403],
  ['None', headed({ alg: 'None' }), 403],
  ['NONE', headed({ alg: 'NONE' }), 403],
  ['nOnE', headed({ alg: 'nOnE' }), 403],
  ['an empty algorithm', headed({ alg: '' }), 403],
  ['no algorithm', headed({ alg: undefined }), 403],
  ['null as algorithm', headed({ alg: null }), 403],
  ['a list of algorithms', headed({ alg: ['HS256'] }), 403],
  ['a number as algorithm', headed({ alg: 256 }), 403],
  ['an algorithm in lower case', headed({ alg: 'hs256' }), 403],
  ['an algorithm with a space', headed({ alg: 'HS256 ' }), 403],
  ['an algorithm with a zero byte', headed({ alg: 'HS256\0' }), 403],
  ['an algorithm that is not pinned', headed({ alg: 'HS512' }), 403],
  ['an algorithm of encryption', headed({ alg: 'dir', enc: 'A256GCM' }), 403],
  ['a name that every object has', headed({ alg: 'constructor' }), 403],
  ['two algorithms, the last counts', forge('{"alg":"HS256","alg":"none"}', claims), 403],
  ['an algorithm only in a prototype', forge('{"__proto__":{"alg":"HS256"}}', claims), 403],
  // Extensions
  ['an unknown extension', headed({ crit: ['exp'], exp: NOW }), 403],
  ['an unencoded payload', headed({ crit: ['b64'], b64: false }), 403],
  ['an encoded payload, said critically', headed({ crit: ['b64'], b64: true }), 403],
  ['no extensions, said critically', headed({ crit: [] }), 403],
  ['crit that is no list', headed({ crit: 'b64' }), 403],
  ['crit that is null', headed({ crit: null }), 403],
  ['a kid that is a number', headed({ kid: 1 }), 403],
  ['a kid that is null', headed({ kid: null }), 403],
  // Signatures
  ['another signature', `${header}.${payload}.${encode(Buffer.alloc(32))}`, 401],
  ['a signature that is too short', `${header}.${payload}.${signature.slice(0, 32)}`, 401],
  ['a signature that is too long', `${header}.${payload}.${signature}A`, 401],
  ['a signature of SHA-1', `${header}.${payload}.${hmac('sha1', SECRET)}`, 401],
  ['a signature of SHA-512', `${header}.${payload}.${hmac('sha512', SECRET)}`, 401],
  ['the empty secret', forge(HS256, claims, ''), 401],
  ['the secret in base64', forge(HS256, claims, encode(SECRET)), 401],
  ['the public key as secret', forge(HS256, claims, settings.public_key), 401],
  ['the modulus as secret', forge(HS256, claims, String(publish(rsa)['n'])), 401],
  ['an HS256 signature as RS256', forge({ alg: 'RS256' }, claims), 401],
  ['a stranger’s key', await issue({ alg: 'RS256', key: stranger.privateKey, claims }), 401],
  ['a claim changed', `${header}.${encode({ ...claims, sub: 'root' })}.${signature}`, 401],
  ['a header changed', `${encode({ alg: 'HS256' })}.${payload}.${signature}`, 401],
  [
    'another token’s signature',
    `${header}.${payload}.${saying({ sub: 'bob' }).split('.')[2]}`,
    401
  ],
  // Times
  ['no exp', saying({ exp: undefined }), 401],
  ['expired', saying({ exp: NOW - 1 }), 401],
  ['expired just now', saying({ exp: NOW }), 401],
  ['expired long ago', saying({ exp: 0 }), 401],
  ['expired before time began', saying({ exp: -1 }), 401],
  ['exp that is a text', saying({ exp: `${NOW + 60}` }), 401],
  ['exp that is null', saying({ exp: null }), 401],
  ['exp that is a list', saying({ exp: [NOW + 60] }), 401],
  ['exp that is true', saying({ exp: true }), 401],
  [
    'exp that is infinite',
    forge(HS256, JSON.stringify(claims).replace(`${NOW + 600}`, '1e999')),
    401
  ],
  ['not yet valid', saying({ nbf: NOW + 1 }), 401],
  ['nbf that is a text', saying({ nbf: '0' }), 401],
  ['no iat, though there is a greatest age', saying({ iat: undefined }), 401],
  ['issued too long ago', saying({ iat: NOW - 3601 }), 401],
  ['issued in the future', saying({ iat: NOW + 1 }), 401],
  ['iat that is a text', saying({ iat: 'now' }), 401],
  // Issuer and audience
  ['another issuer', saying({ iss: 'https://id.example.test' }), 401],
  ['no issuer', saying({ iss: undefined }), 401],
  ['a list of issuers', saying({ iss: ['https://id.example'] }), 401],
  ['another audience', saying({ aud: 'App' }), 401],
  ['no audience', saying({ aud: undefined }), 401],
  ['an empty audience', saying({ aud: [] }), 401],
  ['audiences of others', saying({ aud: ['a', 'b'] }), 401],
  ['an audience within a list', saying({ aud: [['app']] }), 401],
  ['an audience that is an object', saying({ aud: { app: true } }), 401],
  // Users
  ['no user', saying({ sub: undefined }), 403],
  ['an empty user', saying({ sub: '' }), 403],
  ['a user that is null', saying({ sub: null }), 403],
  ['a user that is a number', saying({ sub: 1 }), 403],
  ['a user that is a list', saying({ sub: ['alice'] }), 403],
  ['a user that is an object', saying({ sub: { toString: 'alice' } }), 403],
  ['a user that is too long', saying({ sub: 'a'.repeat(257) }), 403],
  ['a user with a line feed', saying({ sub: 'alice\r\nRemote-User: root' }), 403],
  ['a user with a zero byte', saying({ sub: 'alice\0' }), 403],
  ['a user with a space around', saying({ sub: 'alice ' }), 403],
  [
    'a user with half a character',
    forge(
      HS256,
      '{"sub":"\\ud800"}'.replace(
        '{',
        `{"exp":${NOW + 9},"iat":${NOW},"iss":"https://id.example","aud":"app",`
      )
    ),
    403
  ],
  // Groups
  ['a group that is a number', saying({ groups: ['a', 1] }), 403],
  ['groups that are a number', saying({ groups: 1 }), 403],
  ['groups that are an object', saying({ groups: { admin: true } }), 403],
  ['groups in groups', saying({ groups: [['admin']] }), 403],
  ['an empty group', saying({ groups: [''] }), 403],
  ['a group that is too long', saying({ groups: ['a'.repeat(257)] }), 403],
  ['a group with a control character', saying({ groups: ['a\nadmin'] }), 403],
  ['too many groups', saying({ groups: Array.from({ length: 201 }, (_, at) => `g${at}`) }), 403],
  // Sizes
  ['too long by one', padded(valid, 8193), 403],
  ['much too long', padded(valid, 10_000_000), 403],
  ['rightly signed and too long', saying({ note: 'a'.repeat(8000) }), 403],
  ['all dots', '.'.repeat(8192), 403],
  ['all letters', 'a'.repeat(8192), 403]
]

function hmac(hash: string, secret: string): string {
  return createHmac(hash, secret).update(`${header}.${payload}`).digest('base64url')
}

t.test('a token that is malformed or proves nothing is refused', async (t) => {
  const verifier = new TokenVerifier(settings, { now })
  t.equal(outcome(await verifier.verify(valid)), 'alice')
  for (const [what, token, status] of refused) {
    t.equal(outcome(await verifier.verify(token)), status, what)
  }
})

t.test('what is logged of a refused token holds nothing of it, and is short', async (t) => {
  const verifier = new TokenVerifier(settings, { now })
  for (const [what, token] of refused) {
    const result = await verifier.verify(token)
    if (!('refused' in result)) throw new Error(`${what} was accepted`)
    t.match(result.reason, /^[\w ,:-]{1,100}$/, what)
    for (const secret of ['alice', 'root', 'https', SECRET, token.split('.')[2] ?? '']) {
      if (secret.length > 3) t.notOk(result.reason.includes(secret), `${what}: ${result.reason}`)
    }
  }
})

t.test('keys that a token contains or names are never used', async (t) => {
  const verifier = new TokenVerifier(settings, { now })
  const certificate = stranger.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const offers = [
    jwkOf,
    { jku: 'http://127.0.0.1:1/keys' },
    { x5u: 'http://127.0.0.1:1/certificate' },
    { x5c: [certificate] }
  ]
  const key = stranger.privateKey
  const [, body] = (await issue({ alg: 'RS256', key, claims })).split('.')
  for (const offer of offers) {
    const signed = `${encode({ alg: 'RS256', ...offer })}.${body}`
    const token = `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
    t.equal(outcome(await verifier.verify(token)), 401, Object.keys(offer).join())
    t.equal(outcome(await verifier.verify(headed(offer))), 'alice', 'it does no harm either')
  }
})

t.test('a token of 8 KiB is verified', async (t) => {
  const verifier = new TokenVerifier(settings, { now })
  let note = ''
  while (saying({ note: `${note}aaa` }).length <= 8192) note += 'aaa'
  t.equal(outcome(await verifier.verify(saying({ note }))), 'alice')
  t.ok(saying({ note }).length > 8180)
})
