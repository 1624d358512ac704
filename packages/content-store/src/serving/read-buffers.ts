import { Busy } from '../errors.ts'

/** Bytes that are read at once for most answers. */
const LARGE = 256 * 1024
/** Bytes that are read at once when many are under way: a slow client keeps what was read for it. */
const SMALL = 16 * 1024
/** 16 MiB of large ones and 48 MiB of small ones at most, whatever clients do. */
const MAX_LARGE = 64
const MAX_SMALL = 3072
/** Of each kind, for one client: others are served whatever it does. */
const SHARE = 4
/** Large ones that are kept for the next answers. */
const MAX_SPARE = 16

interface Lent {
  large: number
  small: number
}

const lent: Lent = { large: 0, small: 0 }
/** By client; each has one, so there are no more than buffers. */
const lentTo = new Map<string, Lent>()
const spare: Buffer[] = []

/**
 * Lends a buffer to read a file with. It has to be given back.
 *
 * security: a client that reads nothing keeps what it has for as long as it stays, so one may have a quarter.
 *
 * @param client whose answer it is, an address or a network; '' where that is not known: any number
 * @throws Busy when all are lent, or a quarter to this client
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
 * @param client as it was lent to
 * @param isFree whether nobody reads from it or writes into it any more
 */
export function giveBackBuffer(buffer: Buffer, client: string, isFree: boolean): void {
  const kind = buffer.length === SMALL ? 'small' : 'large'
  lent[kind]--
  const own = lentTo.get(client)
  if (own !== undefined && --own[kind] === 0 && own.large + own.small === 0) lentTo.delete(client)
  if (kind === 'large' && isFree && spare.length < MAX_SPARE) spare.push(buffer)
}

/** Leaves the spare ones to the collector: memory is short. */
export function releaseBuffers(): void {
  spare.length = 0
}
