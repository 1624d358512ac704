/** The kind of a key. An algorithm takes keys of one kind only. */
export type KeyKind = 'secret' | 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519'

/** RFC 7518, section 3.1; EdDSA: RFC 8037; Ed25519: RFC 9864. */
const KINDS: ReadonlyMap<string, KeyKind> = new Map([
  ['HS256', 'secret'],
  ['HS384', 'secret'],
  ['HS512', 'secret'],
  ['RS256', 'RSA'],
  ['RS384', 'RSA'],
  ['RS512', 'RSA'],
  ['PS256', 'RSA'],
  ['PS384', 'RSA'],
  ['PS512', 'RSA'],
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
  ['EdDSA', 'Ed25519'],
  ['Ed25519', 'Ed25519']
])

/** The kind of key that an algorithm takes; undefined if the algorithm is not supported. */
export function kindOfKey(algorithm: string): KeyKind | undefined {
  return KINDS.get(algorithm)
}
