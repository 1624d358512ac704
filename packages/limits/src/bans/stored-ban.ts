import { Ban, InvalidValue, type Store } from '@reliw/model'
import { describeIssues } from '@reliw/options'

/** Maximum length of the reason taken from a plain-text value, in characters. */
const MAX_REASON = 1000

/** A ban as stored. */
export interface StoredBan {
  readonly ban: Ban
  /** Milliseconds left; undefined: for ever. */
  readonly left: number | undefined
  /** The validation issue of the value, without quoting it; the ban stays in force. */
  readonly issue: string | undefined
}

/**
 * Reads a ban by its key; undefined when there is none.
 *
 * A value that is not a JSON object is taken as the reason, so that an operator can ban by hand: `SET
 * RLW:BANS:192.0.2.1 spam`.
 *
 * @throws StoreUnavailable, or WriteFailed where Redis refuses the command
 */
export async function fetchBan(
  { driver }: Pick<Store, 'driver'>,
  key: string
): Promise<StoredBan | undefined> {
  // The lifetime is read first: read after the value, the lifetime of a key that expires in between would mean "never
  // ends".
  const [left, value] = await Promise.all([driver.ttl(key), driver.get(key).catch(wrongType)])
  return value && { left, ...decode(value) }
}

/**
 * Bans a block now and publishes it on the `WAFFERS` channel.
 *
 * @param block canonical text, as `parseBlock` returns it
 * @param ms duration in milliseconds; undefined: for ever
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

function decode(value: Buffer | 'other'): Pick<StoredBan, 'ban' | 'issue'> {
  if (value === 'other') return invalid('it is not a string')
  const text = value.toString().trim()
  if (!text.startsWith('{')) {
    return { ban: { reason: text.slice(0, MAX_REASON) }, issue: undefined }
  }
  const input = parseJson(text)
  if (input === undefined) return invalid('not valid JSON')
  const result = Ban.safeParse(input)
  if (result.success) return { ban: result.data, issue: undefined }
  return invalid(describeIssues(Ban, result.error).join('; '))
}

function invalid(issue: string): Pick<StoredBan, 'ban' | 'issue'> {
  return { ban: { reason: '' }, issue }
}

/** Undefined for invalid JSON: the parser's own error message would quote the value. */
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
