import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { createCertificate } from '@reliw/testing'
import t from 'tap'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import {
  createEcKey,
  createEdKey,
  createRsaKey,
  issue,
  NOW_MS,
  outcome,
  publish,
  SECRET,
  settingsWith,
  startIssuer,
  type KeyPair
} from './jwt-issuing.ts'

const now = (): number => NOW_MS
const rsa = createRsaKey()
const p256 = createEcKey('P-256')
const p384 = createEcKey('P-384')
const p521 = createEcKey('P-521')
const ed25519 = createEdKey()

const SYMMETRIC = ['HS256', 'HS384', 'HS512']
const pairs: [algorithm: string, keys: KeyPair, others: () => KeyPair][] = [
  ['RS256', rsa, createRsaKey],
  ['RS384', rsa, createRsaKey],
  ['RS512', rsa, createRsaKey],
  ['PS256', rsa, createRsaKey],
  ['PS384', rsa, createRsaKey],
  ['PS512', rsa, createRsaKey],
  ['ES256', p256, () => createEcKey('P-256')],
  ['ES384', p384, () => createEcKey('P-384')],
  ['ES512', p521, () => createEcKey('P-521')],
  ['EdDSA', ed25519, createEdKey],
  ['Ed25519', ed25519, createEdKey]
]
const ALL = [...SYMMETRIC, ...pairs.map(([algorithm]) => algorithm)]

function pem({ publicKey }: KeyPair): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

function withKey(algorithms: readonly string[], publicKey: string): TokenVerifier {
  return new TokenVerifier(settingsWith({ algorithms, secret: undefined, public_key: publicKey }), {
    now
  })
}

t.test('a token with the right signature is accepted with every algorithm', async (t) => {
  for (const alg of SYMMETRIC) {
    const verifier = new TokenVerifier(settingsWith({ algorithms: [alg] }), { now })
    t.equal(outcome(await verifier.verify(await issue({ alg }))), 'alice', alg)
  }
  for (const [alg, keys] of pairs) {
    const token = await issue({ alg, key: keys.privateKey })
    const jwk = JSON.stringify(publish(keys))
    t.equal(outcome(await withKey([alg], pem(keys)).verify(token)), 'alice', `${alg} PEM`)
    t.equal(outcome(await withKey([alg], jwk).verify(token)), 'alice', `${alg} JWK`)
  }
})

t.test('a token that another key of the same kind signed is refused', async (t) => {
  for (const alg of SYMMETRIC) {
    const verifier = new TokenVerifier(settingsWith({ algorithms: [alg] }), { now })
    const key = Buffer.from(`${SECRET}.`)
    t.equal(outcome(await verifier.verify(await issue({ alg, key }))), 401, alg)
  }
  const strangers = createRsaKey()
  for (const [alg, keys, others] of pairs) {
    const stranger = keys === rsa ? strangers : others()
    const token = await issue({ alg, key: stranger.privateKey })
    t.equal(outcome(await withKey([alg], pem(keys)).verify(token)), 401, alg)
  }
})

t.test('an algorithm that is not pinned is refused, though the key could verify it', async (t) => {
  for (const alg of SYMMETRIC) {
    const algorithms = ALL.filter((name) => name !== alg)
    const verifier = new TokenVerifier(settingsWith({ algorithms, public_key: pem(rsa) }), { now })
    t.equal(outcome(await verifier.verify(await issue({ alg }))), 403, alg)
  }
  for (const [alg, keys] of pairs) {
    const verifier = withKey(
      ALL.filter((name) => name !== alg && !SYMMETRIC.includes(name)),
      pem(keys)
    )
    t.equal(outcome(await verifier.verify(await issue({ alg, key: keys.privateKey }))), 403, alg)
  }
})

t.test('a public key is never the secret of an HS algorithm', async (t) => {
  for (const [, keys] of pairs) {
    const { publicKey } = keys
    const texts = [
      pem(keys),
      pem(keys).trimEnd(),
      JSON.stringify(publish(keys)),
      publicKey.export({ type: 'spki', format: 'der' })
    ]
    for (const text of texts) {
      const token = await issue({ alg: 'HS256', key: Buffer.from(text) })
      t.equal(outcome(await withKey(ALL, pem(keys)).verify(token)), 503, 'no secret at all')
      const mixed = settingsWith({ algorithms: ALL, public_key: pem(keys) })
      t.equal(outcome(await new TokenVerifier(mixed, { now }).verify(token)), 401)
      const pinned = withKey(
        pairs.map(([name]) => name),
        pem(keys)
      )
      t.equal(outcome(await pinned.verify(token)), 403, 'HS256 is not pinned')
    }
  }
})

t.test('secret and public key stand side by side, each for its own algorithms', async (t) => {
  const verifier = new TokenVerifier(
    settingsWith({ algorithms: ['HS256', 'RS256', 'ES256'], public_key: pem(rsa) }),
    { now }
  )
  t.equal(verifier.fault, undefined)
  t.equal(outcome(await verifier.verify(await issue())), 'alice')
  t.equal(
    outcome(await verifier.verify(await issue({ alg: 'RS256', key: rsa.privateKey }))),
    'alice'
  )
  const other = await issue({ alg: 'ES256', key: p256.privateKey })
  t.equal(outcome(await verifier.verify(other)), 401, 'there is no key for ES256')
})

t.test('the key of a certificate verifies', async (t) => {
  const { cert, key } = await createCertificate(['issuer.test'])
  const verifier = withKey(['ES256'], cert)
  t.equal(verifier.fault, undefined)
  const token = await issue({ alg: 'ES256', key: createPrivateKey(key) })
  t.equal(outcome(await verifier.verify(token)), 'alice')
  t.equal(outcome(await verifier.verify(await issue({ alg: 'ES256', key: p256.privateKey }))), 401)
})

const jwk = (members: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(publish(rsa, members))
const rsaPss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })

const unusable: [what: string, publicKey: string, fault: RegExp][] = [
  ['nothing', '', /neither a PEM public key or certificate nor a JWK/],
  ['a text', 'key', /neither a PEM public key or certificate nor a JWK/],
  ['an empty PEM', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----', /cannot be read/],
  ['broken PEM', pem(rsa).replace(/^MII.*$/m, ''), /cannot be read/],
  ['a private key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), /private/],
  [
    'a private key behind',
    pem(rsa) + rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    /private/
  ],
  [
    'a private JWK',
    JSON.stringify(rsa.privateKey.export({ format: 'jwk' })),
    /d is part of a private key/
  ],
  [
    'a secret JWK',
    '{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0"}',
    /kty is not a type of public key/
  ],
  ['broken JSON', '{"kty":', /not JSON/],
  ['JSON without a key', '{}', /kty/],
  ['a key for encryption', jwk({ use: 'enc' }), /use is not "sig"/],
  ['a key that may not verify', jwk({ key_ops: ['encrypt'] }), /key_ops has no "verify"/],
  ['a key for another algorithm', jwk({ alg: 'RS512' }), /none of the algorithms/],
  ['a key of another kind', pem(p256), /none of the algorithms/],
  ['an RSA key of 1024 bits', pem(createRsaKey(1024)), /type or length is not supported/],
  ['an RSA key of 2047 bits', pem(createRsaKey(2047)), /type or length is not supported/],
  [
    'an RSA key with exponent 1',
    jwk({ e: 'AQ' }),
    /type or length is not supported|cannot be read/
  ],
  [
    'an exponent as long as the modulus',
    jwk({ e: publish(rsa)['n'] }),
    /type or length is not supported/
  ],
  ['an even exponent', jwk({ e: 'AQAA' }), /type or length is not supported|cannot be read/],
  [
    'an RSA key of 8400 bits',
    jwk({ n: Buffer.alloc(1050, 0xff).toString('base64url') }),
    /type or length/
  ],
  ['a key that is too long', jwk({ n: 'A'.repeat(2000) }), /n /],
  [
    'a key only for PSS',
    rsaPss.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    /type or length/
  ],
  [
    'a curve that nobody asked for',
    pem(createEcKey('secp256k1')),
    /type or length is not supported/
  ]
]

t.test(
  'a public key that is none, weak or not public is a fault, and no token passes',
  async (t) => {
    const token = await issue({ alg: 'RS256', key: rsa.privateKey })
    for (const [what, publicKey, fault] of unusable) {
      const verifier = withKey(['RS256', 'PS256'], publicKey)
      t.match(verifier.fault, fault, what)
      t.equal(outcome(await verifier.verify(token)), 503, what)
    }
  }
)

t.test('settings without a key or an algorithm of ours accept nothing', async (t) => {
  const twice = settingsWith({ algorithms: ['HS256', 'HS256'] })
  t.equal(new TokenVerifier(twice).fault, undefined, 'an algorithm that is named twice is one')
  const noKey = new TokenVerifier(settingsWith({ algorithms: ['RS256'] }), { now })
  t.equal(noKey.fault, 'public_key and jwks_uri are missing')
  t.equal(outcome(await noKey.verify(await issue({ alg: 'RS256', key: rsa.privateKey }))), 503)
  for (const secret of [undefined, '']) {
    const noSecret = new TokenVerifier(settingsWith({ secret }), { now })
    t.equal(noSecret.fault, 'secret is missing')
    t.equal(outcome(await noSecret.verify(await issue())), 503)
  }
  for (const algorithms of [[], ['none'], ['None', 'HS1', 'dir', 'RSA-OAEP', '__proto__']]) {
    const nothing = new TokenVerifier(settingsWith({ algorithms }), { now })
    t.equal(nothing.fault, 'algorithms has no supported algorithm')
    t.equal(outcome(await nothing.verify(await issue())), 403)
  }
})

function faultOf(uri: string): string | undefined {
  return new TokenVerifier(settingsWith({ algorithms: ['RS256'], jwks_uri: uri })).fault
}

t.test('keys are fetched over TLS, or from this machine', async (t) => {
  const { uri } = await startIssuer(t)
  const safe = [uri, 'https://id.example/keys', 'http://localhost/', 'http://[::1]:8080/keys']
  for (const address of safe) t.equal(faultOf(address), undefined, address)
  const unsafe = [
    'http://id.example/keys',
    'http://10.0.0.1/keys',
    'http://127.0.0.1.example/keys',
    'http://localhost.example/',
    'http://user@127.0.0.1/',
    'https://user:password@id.example/keys',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    'id.example/keys',
    ''
  ]
  for (const address of unsafe) {
    t.equal(
      faultOf(address),
      'jwks_uri must be https, or http on loopback, without credentials',
      address
    )
  }
})
