import { Busy } from '../errors.ts'

/** Size of a large buffer, in bytes: the default. */
const LARGE = 256 * 1024
/** Size of a small buffer, in bytes: for when all large ones are lent. A slow client holds its buffer for long. */
const SMALL = 16 * 1024
/** Maximum numbers of buffers lent at the same time: 16 MiB of large and 48 MiB of small ones. */
const MAX_LARGE = 64
const MAX_SMALL = 3072
/** One client may hold a quarter (1 / SHARE) of the buffers of each kind, so that other clients are still served. */
const SHARE = 4
/** Maximum number of large buffers kept for reuse. */
const MAX_SPARE = 16

interface Lent {
  large: number
  small: number
}

const lent: Lent = { large: 0, small: 0 }
/** By client. An entry exists only while the client holds a buffer, so there are no more entries than buffers. */
const lentTo = new Map<string, Lent>()
const spare: Buffer[] = []

/**
 * Lends a buffer for reading a file. It must be returned by `giveBackBuffer`.
 *
 * security: an attacker that stops reading holds a buffer for as long as the connection lasts, so one client may have a
 * quarter of them.
 *
 * @param client address or network of the client; '' when unknown: no limit per client
 * @throws Busy when all buffers are lent, or a quarter of them to this client
 */
export function takeBuffer(client: string): Buffer {
  const own = lentTo.get(client) ?? { large: 0, small: 0 }
  const isLarge = mayTake('large', MAX_LARGE, client, own)
  if (!isLarge && !mayTake('small', MAX_SMALL, client, own)) throw new Busy()
  const kind = isLarge ? 'large' : 'small'
  lent[kind]++
  own[kind]++
  lentTo.set(client, own)
  return isLarge ? (spare.pop() ?? Buffer.allocUnsafeSlow(LARGE)) : Buffer.allocUnsafeSlow(SMALL)
}

function mayTake(kind: keyof Lent, most: number, client: string, own: Lent): boolean {
  return lent[kind] < most && (client === '' || own[kind] < most / SHARE)
}

/**
 * @param client the value that the buffer was lent to
 * @param isFree whether no read or write uses the buffer any more
 */
export function giveBackBuffer(buffer: Buffer, client: string, isFree: boolean): void {
  const kind = buffer.length === SMALL ? 'small' : 'large'
  lent[kind]--
  const own = lentTo.get(client)
  if (own !== undefined && --own[kind] === 0 && own.large + own.small === 0) lentTo.delete(client)
  if (kind === 'large' && isFree && spare.length < MAX_SPARE) spare.push(buffer)
}

/** Drops the spare buffers. To be called when memory is short. */
export function releaseBuffers(): void {
  spare.length = 0
}
