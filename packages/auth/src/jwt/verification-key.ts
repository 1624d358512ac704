import {
  createPublicKey,
  type KeyObject,
  type PublicKeyInput,
  type JsonWebKeyInput
} from 'node:crypto'
import * as z from 'zod'
import { kindOfKey, type KeyKind } from './algorithms.ts'

/** A public key that verifies signatures. */
export interface VerificationKey {
  readonly kind: KeyKind
  readonly key: KeyObject
  /** The key's id in the issuer's set. */
  readonly kid: string | undefined
  /** The only algorithm that the key is for; undefined: all that take its kind. */
  readonly alg: string | undefined
}

/** RFC 7518, section 3.3. */
const MIN_RSA_BITS = 2048
/** The cost of verification grows with the length of the key; longer ones are not needed. */
const MAX_RSA_BITS = 8192
/**
 * RFC 8017, section 3.1: odd, and at least 3.
 *
 * security: with an exponent of 1, anybody can sign.
 */
const MIN_EXPONENT = 3n
/** With a larger exponent, verification takes as long as signing. */
const MAX_EXPONENT = 2n ** 64n
/** In characters: the modulus of the longest key, in base64url. */
const MAX_MEMBER_LENGTH = 1400

const CURVES: ReadonlyMap<string, KeyKind> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521']
])

const Member = z.string().max(MAX_MEMBER_LENGTH).optional()
const Private = z.never('is part of a private key').optional()

/** RFC 7517, section 4, and RFC 7518, section 6. A private key that was published is compromised, so it is refused. */
const PublicJwk = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP'], 'is not a type of public key'),
  kid: z.string('is not a string').optional(),
  alg: z.string('is not a string').optional(),
  use: z.literal('sig', 'is not "sig"').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('verify'), 'has no "verify"')
    .optional(),
  n: Member,
  e: Member,
  crv: Member,
  x: Member,
  y: Member,
  d: Private,
  k: Private
})

/** Whether a key is of the kind that an algorithm takes, and not restricted to another algorithm. */
export function isKeyFor({ kind, alg }: VerificationKey, algorithm: string): boolean {
  return kind === kindOfKey(algorithm) && (alg === undefined || alg === algorithm)
}

/**
 * Parses a public key: PEM (SPKI, or a certificate, of which only the key is used), or a JWK.
 *
 * @returns a string that says what is wrong, without any of the text, if something is
 */
export function readPublicKey(text: string): VerificationKey | string {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) return readJsonKey(trimmed)
  if (trimmed.includes('PRIVATE KEY')) return 'it contains a private key'
  if (!/^-----BEGIN (PUBLIC KEY|CERTIFICATE)-----/.test(trimmed))
    return 'it is neither a PEM public key or certificate nor a JWK'
  return importKey({ key: trimmed, format: 'pem' })
}

/**
 * Parses one key of a set.
 *
 * @param jwk the parsed JSON
 * @returns a string that says what is wrong, without any of the key, if something is
 */
export function readJwk(jwk: unknown): VerificationKey | string {
  const parsed = PublicJwk.safeParse(jwk)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `${issue?.path.join('.') ?? 'it'} ${issue?.message ?? 'is invalid'}`
  }
  const { kid, alg, kty, n, e, crv, x, y } = parsed.data
  const members = Object.entries({ kty, n, e, crv, x, y }).filter(
    ([, value]) => value !== undefined
  )
  return importKey({ key: Object.fromEntries(members), format: 'jwk' }, kid, alg)
}

function readJsonKey(text: string): VerificationKey | string {
  try {
    return readJwk(JSON.parse(text))
  } catch {
    return 'it is not JSON'
  }
}

function importKey(
  input: PublicKeyInput | JsonWebKeyInput,
  kid?: string,
  alg?: string
): VerificationKey | string {
  let key: KeyObject
  try {
    key = createPublicKey(input)
  } catch {
    return 'it cannot be read'
  }
  const kind = kindOf(key)
  return kind === undefined ? 'its type or length is not supported' : { kind, key, kid, alg }
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyKind | undefined {
  if (asymmetricKeyType === 'ed25519') return 'Ed25519'
  if (asymmetricKeyType === 'ec') return CURVES.get(asymmetricKeyDetails?.namedCurve ?? '')
  if (asymmetricKeyType !== 'rsa') return undefined
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {}
  const hasLength = modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS
  return hasLength && isExponent(publicExponent) ? 'RSA' : undefined
}

function isExponent(value: bigint): boolean {
  return value % 2n === 1n && value >= MIN_EXPONENT && value <= MAX_EXPONENT
}
