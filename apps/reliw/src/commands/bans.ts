import { fetchBan, parseBlock, writeBan, type Block } from '@reliw/limits/bans'
import type { Ban, Store } from '@reliw/model'
import { loadConfig } from '../load-config.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readTime } from './arguments.ts'
import { describeDate, describeTime, toTable } from './table.ts'
import { publishAudit } from './publish-audit.ts'
import { withStore } from './with-store.ts'

/** The shortest prefixes that are banned without --force: a mistyped one bans half the world. */
const WIDEST = { 4: 8, 6: 16 }
/** Bans that are read at once. */
const BATCH = 250
const HEAD = ['address', 'reason', 'by', 'since', 'left']
interface Configured {
  config?: string
}

interface BanOptions extends Configured {
  for?: string
  reason?: string
  force?: boolean
}

/** `reliw ban ADDRESS` */
export async function ban(shell: Shell, address: string, options: BanOptions): Promise<void> {
  const { text, family, prefix } = readBlock(address)
  if (prefix < WIDEST[family] && !options.force) {
    throw new UsageError(`${text} is wider than /${WIDEST[family]}: --force bans it.`)
  }
  const ms = readTime(options.for)
  await withStore(loadConfig(options.config, shell), async (store) => {
    const reason = options.reason ?? ''
    await writeBan(store, text, { reason, by: 'cli' }, ms)
    await publishAudit(store, { event: 'ban', address: text, reason, for: (ms ?? 0) / 1000 })
  })
  say(
    shell,
    ms === undefined ? `${text}: banned for ever` : `${text}: banned for ${describeTime(ms)}`
  )
}

/** `reliw unban ADDRESS`: exit 1 when there is no such ban. */
export async function unban(shell: Shell, address: string, options: Configured): Promise<void> {
  const block = readBlock(address)
  await withStore(loadConfig(options.config, shell), async (store) => {
    const found = await present(store, [block.text, address])
    if (found.length === 0) throw new UsageError(await explainAbsence(store, block))
    await store.driver.write(found.map((text) => ({ op: 'delete', key: store.keys.ban(text) })))
    await publishAudit(store, { event: 'unban', address: block.text })
  })
  say(shell, `${block.text}: banned no more`)
}

interface ListOptions extends Configured {
  json?: boolean
}

/** A ban as it is listed. */
interface Listed extends Ban {
  address: string
  /** Milliseconds; undefined: for ever. */
  left: number | undefined
}

/** `reliw bans` */
export async function listBans(shell: Shell, options: ListOptions): Promise<void> {
  const bans = await withStore(loadConfig(options.config, shell), readBans)
  bans.sort((a, b) => compareAddresses(a.address, b.address))
  if (options.json) say(shell, JSON.stringify({ bans: bans.map(toJson) }))
  else if (bans.length === 0) say(shell, 'There are no bans.')
  else for (const line of toTable(HEAD, bans.map(toRow))) say(shell, line)
}

function readBlock(address: string): Block {
  const block = parseBlock(address)
  if (block === undefined) {
    throw new UsageError(`${address} is neither an IP address nor a CIDR block.`)
  }
  return block
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

async function readBans(store: Store): Promise<Listed[]> {
  const prefix = store.keys.bans()
  const bans = new Map<string, Listed>()
  for await (const batch of store.driver.keys(prefix, BATCH)) {
    const found = await Promise.all(batch.map((key) => fetchBan(store, key)))
    for (const [at, stored] of found.entries()) {
      const address = batch[at]?.slice(prefix.length) ?? ''
      if (stored) bans.set(address, { ...stored.ban, address, left: stored.left })
    }
  }
  return [...bans.values()]
}

const { compare } = new Intl.Collator('en', { numeric: true })

/** IPv4 first. */
function compareAddresses(a: string, b: string): number {
  return Number(a.includes(':')) - Number(b.includes(':')) || compare(a, b)
}

/** Times as in a config: `since` after ISO 8601, `left` in seconds; null where there is none. */
function toJson({ address, reason, by, since, left }: Listed): object {
  const seconds = left === undefined ? null : Math.ceil(left / 1000)
  return { address, reason, by: by ?? null, since: describeDate(since) ?? null, left: seconds }
}

function toRow({ address, reason, by = '', since, left }: Listed): string[] {
  const time = left === undefined ? 'for ever' : describeTime(left)
  return [address, reason, by, describeDate(since) ?? '', time]
}
