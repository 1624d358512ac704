import { Ban, InvalidValue, type Store } from '@reliw/model'
import { describeIssues } from '@reliw/options'

/** The longest reason that is kept of a value that is plain text, in characters. */
const MAX_REASON = 1000

/** A ban that is in the store. */
export interface StoredBan {
  readonly ban: Ban
  /** Milliseconds; undefined: for ever. */
  readonly left: number | undefined
  /** What is wrong with the value, without quoting it; the ban holds all the same. */
  readonly mistake: string | undefined
}

/**
 * Reads a ban by its key; undefined when there is none.
 *
 * A value that is not a JSON object is the reason: who bans by hand, as in `SET RLW:BANS:192.0.2.1 spam`,
 * need not know more.
 *
 * @throws StoreUnavailable, or WriteFailed where Redis refuses
 */
export async function fetchBan(
  { driver }: Pick<Store, 'driver'>,
  key: string
): Promise<StoredBan | undefined> {
  // The lifetime first: of a key that ends in between it would say that it never does.
  const [left, value] = await Promise.all([driver.ttl(key), driver.get(key).catch(wrongType)])
  return value && { left, ...decode(value) }
}

/**
 * Bans a block now, and tells those who listen on `WAFFERS`.
 *
 * @param block as `parseBlock` writes it
 * @param ms how long; undefined: for ever
 * @throws StoreUnavailable or WriteFailed
 */
export async function writeBan(
  { driver, keys }: Pick<Store, 'driver' | 'keys'>,
  block: string,
  { reason, by }: { reason: string; by: string },
  ms: number | undefined
): Promise<void> {
  const ban: Ban = { reason, by, since: Date.now() }
  await driver.write([{ op: 'set', key: keys.ban(block), value: JSON.stringify(ban), ttl: ms }])
  await driver.publish(keys.channel('WAFFERS'), block)
}

function decode(value: Buffer | 'other'): Pick<StoredBan, 'ban' | 'mistake'> {
  if (value === 'other') return wrong('it is not a string')
  const text = value.toString().trim()
  if (!text.startsWith('{')) {
    return { ban: { reason: text.slice(0, MAX_REASON) }, mistake: undefined }
  }
  const input = parseJson(text)
  if (input === undefined) return wrong('not valid JSON')
  const result = Ban.safeParse(input)
  if (result.success) return { ban: result.data, mistake: undefined }
  return wrong(describeIssues(Ban, result.error).join('; '))
}

function wrong(mistake: string): Pick<StoredBan, 'ban' | 'mistake'> {
  return { ban: { reason: '' }, mistake }
}

/** Undefined where it is not JSON: the parser's own message quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function wrongType(error: unknown): 'other' {
  if (error instanceof InvalidValue) return 'other'
  throw error
}
