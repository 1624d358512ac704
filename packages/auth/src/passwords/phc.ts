import type { Argon2Algorithm } from 'node:crypto'

/** How a tag is derived from a password. */
export interface Argon2Terms {
  readonly algorithm: Argon2Algorithm
  /** In KiB. */
  readonly memory: number
  readonly passes: number
  /** Lanes, which may run in as many threads. */
  readonly parallelism: number
  readonly salt: Uint8Array
}

/** A password as it is stored. */
export interface Argon2Hash extends Argon2Terms {
  readonly tag: Uint8Array
}

const ALGORITHMS: readonly Argon2Algorithm[] = ['argon2id', 'argon2i', 'argon2d']
const MAX_MEMORY = 262_144
const MAX_PASSES = 10
/** Lengths in base64: 11 characters are 8 bytes, 22 are 16, 86 are 64. */
const PHC =
  /^\$(\w{7,8})\$v=19\$m=([1-9]\d{0,5}),t=([1-9]\d?),p=([1-4])\$([\w+/]{11,86})\$([\w+/]{22,86})$/

/**
 * Parses a PHC string of Argon2, version 19 (RFC 9106). Strict: parameters in the order m, t, p, without leading zeros;
 * base64 without padding.
 *
 * security: the cost is limited, or one user's hash could keep the whole server busy: up to 256 MiB of memory, 10
 * passes and 4 lanes; 8–64 bytes of salt, 16–64 of tag.
 *
 * @returns undefined for any other text
 */
export function parsePhc(text: string): Argon2Hash | undefined {
  const [, name, m, t, p, salt = '', tag = ''] = PHC.exec(text) ?? []
  const algorithm = ALGORITHMS.find((one) => one === name)
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)]
  if (algorithm === undefined || passes > MAX_PASSES) return undefined
  // RFC 9106, section 3.1: at least 8 blocks of 1 KiB for each lane.
  if (memory > MAX_MEMORY || memory < 8 * parallelism) return undefined
  const [saltBytes, tagBytes] = [decode(salt), decode(tag)]
  if (saltBytes === undefined || tagBytes === undefined) return undefined
  return { algorithm, memory, passes, parallelism, salt: saltBytes, tag: tagBytes }
}

/** Formats a hash as a PHC string for `parsePhc`. */
export function formatPhc(hash: Argon2Hash): string {
  const { algorithm, memory, passes, parallelism, salt, tag } = hash
  const parameters = `m=${memory},t=${passes},p=${parallelism}`
  return `$${algorithm}$v=19$${parameters}$${encode(salt)}$${encode(tag)}`
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

/** Node skips invalid characters: only a text that encodes to itself again was base64. */
function decode(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return encode(bytes) === text ? bytes : undefined
}
