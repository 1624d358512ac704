import { type Block, fetchBan, parseBlock, writeBan } from '@reliw/limits/bans'
import type { Ban, Store } from '@reliw/model'
import { InvalidInput, NotFound } from './errors.ts'

/** The shortest prefixes that can be banned without `isWide`: a mistyped prefix could ban half the world. */
const WIDEST = { 4: 8, 6: 16 }
/** Number of bans that are read at the same time. */
const BATCH = 250

export interface NewBan {
  block: Block
  reason: string
  /** The source of the ban, such as `cli`. */
  by: string
  /** Duration of the ban in milliseconds; undefined: forever. */
  duration?: number | undefined
  /** Whether a block wider than /8 (IPv4) or /16 (IPv6) may be banned. Default: false. */
  isWide?: boolean | undefined
}

export interface ListedBan extends Ban {
  address: string
  /** Time left, in milliseconds; undefined: forever. */
  left: number | undefined
}

/** A message for a block that is wider than can be banned without `isWide`; undefined for all others. */
export function describeWidth({ text, family, prefix }: Block): string | undefined {
  return prefix < WIDEST[family] ? `${text} is wider than /${WIDEST[family]}` : undefined
}

/**
 * Bans a block at once, on all servers.
 *
 * @throws InvalidInput for a wide block without `isWide`
 */
export async function addBan(
  store: Store,
  { block, reason, by, duration, isWide = false }: NewBan
): Promise<void> {
  const issue = isWide ? undefined : describeWidth(block)
  if (issue !== undefined) throw new InvalidInput([issue])
  await writeBan(store, block.text, { reason, by }, duration)
}

/**
 * Ends the ban of a block.
 *
 * @param spelling another spelling of the block: bans written by hand may have any
 * @throws NotFound, which names banned wider blocks around the block
 */
export async function deleteBan(
  store: Store,
  block: Block,
  spelling: string = block.text
): Promise<void> {
  const found = await present(store, [block.text, spelling])
  if (found.length === 0) throw new NotFound(await explainAbsence(store, block))
  await store.driver.write(found.map((text) => ({ op: 'delete', key: store.keys.ban(text) })))
}

/** All bans, sorted by address, IPv4 first. */
export async function listBans(store: Store): Promise<ListedBan[]> {
  const prefix = store.keys.bans()
  const bans = new Map<string, ListedBan>()
  for await (const batch of store.driver.keys(prefix, BATCH)) {
    const found = await Promise.all(batch.map((key) => fetchBan(store, key)))
    for (const [at, stored] of found.entries()) {
      const address = batch[at]?.slice(prefix.length) ?? ''
      if (stored) bans.set(address, { ...stored.ban, address, left: stored.left })
    }
  }
  return [...bans.values()].toSorted((a, b) => compareAddresses(a.address, b.address))
}

/** The blocks that have a ban of their own. */
async function present({ driver, keys }: Store, blocks: string[]): Promise<string[]> {
  const unique = [...new Set(blocks)]
  const types = await Promise.all(unique.map((text) => driver.type(keys.ban(text))))
  return unique.filter((_, at) => types[at] !== undefined)
}

/**
 * The message for a block without a ban. The client may be banned with a wider block, as automatic bans of IPv6
 * addresses are.
 */
async function explainAbsence(store: Store, { text, prefix }: Block): Promise<string> {
  const [address] = text.split('/')
  const around = Array.from({ length: prefix }, (_, bits) => parseBlock(`${address}/${bits}`)?.text)
  const banned = await present(
    store,
    around.filter((block) => block !== undefined)
  )
  return banned.length === 0
    ? `${text} is not banned.`
    : `${text} is banned only as part of ${banned.join(', ')}: unban that block instead.`
}

const { compare } = new Intl.Collator('en', { numeric: true })

function compareAddresses(a: string, b: string): number {
  return Number(a.includes(':')) - Number(b.includes(':')) || compare(a, b)
}
