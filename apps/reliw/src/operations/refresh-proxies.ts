import { BUNDLED, PublishedBlock, PublishedProxies } from '@reliw/limits/trusted-proxies'
import { describeIssues } from '@reliw/options'
import type * as z from 'zod'
import { NotRefreshed } from './errors.ts'

/** How long one list may take to arrive, in milliseconds. */
const TIMEOUT = 10_000
/** Maximum size of one list, in bytes; Cloudflare's are smaller than 1 KiB. */
const MAX_SIZE = 64 * 1024

/** URLs of the lists, by provider. */
export type Sources = Readonly<Record<keyof PublishedProxies, readonly string[]>>

/** What a refresh has changed at one provider. */
export interface Refreshed {
  readonly provider: string
  readonly count: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

const SOURCES: Sources = { cloudflare: BUNDLED.cloudflare.sources }

/**
 * Fetches the blocks that providers publish, all or none.
 *
 * @param former the blocks that they replace
 * @returns the new blocks as they are stored, and what has changed
 * @throws NotRefreshed
 */
export async function refreshProxies(
  former: PublishedProxies = BUNDLED,
  sources: Sources = SOURCES,
  now = new Date()
): Promise<{ published: z.input<typeof PublishedProxies>; changes: Refreshed[] }> {
  const fetched: Record<string, unknown> = {}
  const changes: Refreshed[] = []
  for (const [provider, urls] of Object.entries(sources)) {
    const blocks: string[] = []
    for (const url of urls) blocks.push(...readBlocks(url, await fetchText(url)))
    fetched[provider] = { sources: urls, date: now.toISOString().slice(0, 10), blocks }
    const before = former[provider as keyof PublishedProxies].blocks.map(spell)
    changes.push({ provider, ...compare(before, blocks) })
  }
  const { error } = PublishedProxies.safeParse(fetched)
  if (error !== undefined)
    throw new NotRefreshed(describeIssues(PublishedProxies, error).join('; '))
  return { published: fetched as z.input<typeof PublishedProxies>, changes }
}

function compare(before: string[], after: string[]): Omit<Refreshed, 'provider'> {
  const added = after.filter((block) => !before.includes(block))
  const removed = before.filter((block) => !after.includes(block))
  return { count: after.length, added, removed }
}

/** security: a redirect could lead to another list. */
async function fetchText(url: string): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    const signal = AbortSignal.timeout(TIMEOUT)
    const response = await fetch(url, { signal, redirect: 'error' })
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    for await (const piece of response.body ?? []) {
      size += piece.length
      if (size > MAX_SIZE) throw new Error(`larger than ${MAX_SIZE} bytes`)
      pieces.push(piece)
    }
  } catch (cause) {
    throw new NotRefreshed(`${url}: not fetched: ${reasonOf(cause)}`)
  }
  return Buffer.concat(pieces).toString()
}

/** The reason of `fetch failed` is its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

/** One block a line. */
function readBlocks(url: string, text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  const blocks = lines
    .filter((line) => line !== '')
    .map((line) => {
      const { data } = PublishedBlock.safeParse(line)
      if (data !== undefined) return spell(data)
      throw new NotRefreshed(`${url}: not a block: ${JSON.stringify(line.slice(0, 80))}`)
    })
  if (blocks.length === 0) throw new NotRefreshed(`${url}: empty`)
  return blocks
}

function spell({ address, prefix }: { address: string; prefix: number }): string {
  return `${address}/${prefix}`
}
