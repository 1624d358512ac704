import { type Block, fetchBan, parseBlock, writeBan } from '@reliw/limits/bans'
import type { Ban, Store } from '@reliw/model'
import { InvalidInput, NotFound } from './errors.ts'

/** The shortest prefixes that are banned without `isWide`: a mistyped one bans half the world. */
const WIDEST = { 4: 8, 6: 16 }
/** Bans that are read at once. */
const BATCH = 250

export interface NewBan {
  block: Block
  reason: string
  /** What banned it, such as `cli`. */
  by: string
  /** How long, in milliseconds; undefined: for ever. */
  duration?: number | undefined
  /** Whether a block wider than /8 (IPv4) or /16 (IPv6) is meant. Default: false. */
  isWide?: boolean | undefined
}

export interface ListedBan extends Ban {
  address: string
  /** Milliseconds; undefined: for ever. */
  left: number | undefined
}

/** What is wrong with banning a block that is wider than is meant as a rule; undefined: nothing. */
export function describeWidth({ text, family, prefix }: Block): string | undefined {
  return prefix < WIDEST[family] ? `${text} is wider than /${WIDEST[family]}` : undefined
}

/**
 * Bans a block: at once, on all servers.
 *
 * @throws InvalidInput for a wide block that is not said to be meant
 */
export async function addBan(
  store: Store,
  { block, reason, by, duration, isWide = false }: NewBan
): Promise<void> {
  const mistake = isWide ? undefined : describeWidth(block)
  if (mistake !== undefined) throw new InvalidInput([mistake])
  await writeBan(store, block.text, { reason, by }, duration)
}

/**
 * Ends the ban of a block.
 *
 * @param spelling how the block may be spelled besides: a ban that was made by hand has any spelling
 * @throws NotFound, which names bans of wider blocks around
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

/** Those of some blocks that have a ban of their own. */
async function present({ driver, keys }: Store, blocks: string[]): Promise<string[]> {
  const unique = [...new Set(blocks)]
  const types = await Promise.all(unique.map((text) => driver.type(keys.ban(text))))
  return unique.filter((_, at) => types[at] !== undefined)
}

/** A client may be banned with its whole block, as automatic bans of IPv6 addresses are. */
async function explainAbsence(store: Store, { text, prefix }: Block): Promise<string> {
  const [address] = text.split('/')
  const around = Array.from({ length: prefix }, (_, bits) => parseBlock(`${address}/${bits}`)?.text)
  const banned = await present(
    store,
    around.filter((block) => block !== undefined)
  )
  const hint = banned.length === 0 ? '' : ` It lies in ${banned.join(', ')}, which is banned.`
  return `There is no ban of ${text}.${hint}`
}

const { compare } = new Intl.Collator('en', { numeric: true })

function compareAddresses(a: string, b: string): number {
  return Number(a.includes(':')) - Number(b.includes(':')) || compare(a, b)
}
