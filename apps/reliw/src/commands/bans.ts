import { type Block, parseBlock } from '@reliw/limits/bans'
import { loadConfig } from '../load-config.ts'
import * as bans from '../operations/bans.ts'
import { UsageError } from '../report-failure.ts'
import { say, type Shell } from '../shell.ts'
import { readTime } from './arguments.ts'
import { describeDate, describeTime, toTable } from './table.ts'
import { publishAudit } from './publish-audit.ts'
import { withStore } from './with-store.ts'

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
  const block = readBlock(address)
  const { text } = block
  const { reason = '', force: isWide = false } = options
  const issue = isWide ? undefined : bans.describeWidth(block)
  if (issue !== undefined) throw new UsageError(`${issue}: use --force to ban it.`)
  const ms = readTime(options.for)
  await withStore(loadConfig(options.config, shell), async (store) => {
    await bans.addBan(store, { block, reason, by: 'cli', duration: ms, isWide })
    await publishAudit(store, { event: 'ban', address: text, reason, for: (ms ?? 0) / 1000 })
  })
  say(
    shell,
    ms === undefined ? `${text}: banned forever` : `${text}: banned for ${describeTime(ms)}`
  )
}

/** `reliw unban ADDRESS`: exit 1 when the ban does not exist. */
export async function unban(shell: Shell, address: string, options: Configured): Promise<void> {
  const block = readBlock(address)
  await withStore(loadConfig(options.config, shell), async (store) => {
    await bans.deleteBan(store, block, address)
    await publishAudit(store, { event: 'unban', address: block.text })
  })
  say(shell, `${block.text}: no longer banned`)
}

interface ListOptions extends Configured {
  json?: boolean
}

/** `reliw bans` */
export async function listBans(shell: Shell, options: ListOptions): Promise<void> {
  const all = await withStore(loadConfig(options.config, shell), bans.listBans)
  if (options.json) say(shell, JSON.stringify({ bans: all.map(toJson) }))
  else if (all.length === 0) say(shell, 'There are no bans.')
  else for (const line of toTable(HEAD, all.map(toRow))) say(shell, line)
}

function readBlock(address: string): Block {
  const block = parseBlock(address)
  if (block === undefined) {
    throw new UsageError(`${address} is neither an IP address nor a CIDR block.`)
  }
  return block
}

/** A ban as JSON: `since` in ISO 8601, `left` in seconds; null where unknown or forever. */
function toJson({ address, reason, by, since, left }: bans.ListedBan): object {
  const seconds = left === undefined ? null : Math.ceil(left / 1000)
  return { address, reason, by: by ?? null, since: describeDate(since) ?? null, left: seconds }
}

function toRow({ address, reason, by = '', since, left }: bans.ListedBan): string[] {
  const time = left === undefined ? 'forever' : describeTime(left)
  return [address, reason, by, describeDate(since) ?? '', time]
}
