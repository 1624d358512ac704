import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { AddressRanges, AddressSet, Cidr, Duration, parseCidr } from '@reliw/options'
import * as z from 'zod'
import { InvalidValue } from '../errors.ts'
import { decodeJson } from './json.ts'

/** Maximum number of addresses and blocks that an operator writes into one list. */
const MAX_WRITTEN = 10_000
/** Maximum number of addresses and blocks that a list may fetch from its URL. */
export const MAX_FETCHED = 50_000
/** Longest URL, in characters. */
const MAX_URL = 2048
/** Default time between two fetches, in milliseconds. */
const INTERVAL = 3_600_000
const MIN_INTERVAL = 60_000
const MAX_INTERVAL = 30 * 86_400_000
/** Blocks that are parsed in one turn of the event loop. */
const SLICE = 1000

const ListUrl = z
  .string()
  .max(MAX_URL)
  .superRefine((text, context) => {
    const message = findUrlIssue(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message, input: text })
  })

/** Why an address cannot be fetched as a list; undefined if it can. security: the message never quotes it. */
export function findUrlIssue(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:\/\//i.test(text))
    return 'expected an address "https://…" or "http://…"'
  if (url.username !== '' || url.password !== '')
    return 'credentials in the address are not supported'
  if (url.hash !== '') return 'expected an address without "#"'
  return undefined
}

/** `LIST:<name>`: a named list of addresses, written by an operator, fetched from a URL, or both. */
const StoredList = z
  .strictObject({
    addresses: z
      .union([z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)), z.unknown()])
      .pipe(z.array(Cidr).max(MAX_WRITTEN))
      .optional()
      .describe('Addresses and CIDR blocks.'),
    url: ListUrl.optional().describe('Where more of them are fetched from.'),
    interval: Duration.pipe(
      z
        .int()
        .min(MIN_INTERVAL, 'expected at least "1m"')
        .max(MAX_INTERVAL, 'expected at most "30d"')
    )
      .optional()
      .describe('Time between two fetches. Default: 1h.'),
    field: z
      .string()
      .min(1)
      .optional()
      .describe('Only this field of a JSON document, such as "hooks" or "prefixes".')
  })
  .refine(({ addresses, url }) => addresses !== undefined || url !== undefined, {
    message: 'expected "addresses" or "url"'
  })

/** A list, compiled. */
export interface AddressListSource {
  readonly addresses: AddressSet
  readonly url: string | undefined
  /** Milliseconds. */
  readonly interval: number
  readonly field: string | undefined
}

export function decodeList(key: string, raw: Buffer): AddressListSource {
  const { addresses = [], url, interval = INTERVAL, field } = decodeJson(key, StoredList, raw)
  return { addresses: new AddressSet(addresses), url, interval, field }
}

/** @throws InvalidValue, also for fields without effect */
export function checkList(key: string, raw: Buffer): void {
  const { url, interval, field } = decodeJson(key, StoredList, raw)
  if (url !== undefined) return
  for (const [name, value] of Object.entries({ interval, field })) {
    if (value !== undefined) throw new InvalidValue(key, `${name}: no effect without "url"`)
  }
}

/** `FETCHED:<name>`: what the servers fetched last for a list. */
const StoredFetch = z.strictObject({
  url: z.string(),
  field: z.string().optional(),
  fetched: z.number().describe('Epoch milliseconds.'),
  etag: z.string().optional(),
  last_modified: z.string().optional(),
  addresses: z.string().describe('Addresses and blocks, one in each line.')
})

export type StoredFetch = z.output<typeof StoredFetch>

/** The content that was fetched for a list, compiled. */
export interface FetchedList extends Omit<StoredFetch, 'addresses'> {
  readonly addresses: AddressSet
  /** SHA-256 of the addresses as stored, in hex. */
  readonly digest: string
}

/** Decodes what was fetched; parses long lists in parts, so that requests are served between them. */
export async function decodeFetched(key: string, raw: Buffer): Promise<FetchedList> {
  const { addresses, ...rest } = decodeJson(key, StoredFetch, raw)
  const lines = addresses.split('\n')
  const ranges = new AddressRanges()
  for (let at = 0; at < lines.length; at += SLICE) {
    if (at > 0) await setImmediate()
    addLines(key, lines, at, ranges)
  }
  return { ...rest, addresses: new AddressSet(ranges), digest: hash('sha256', addresses) }
}

/** @throws InvalidValue */
export function checkFetched(key: string, raw: Buffer): void {
  const lines = decodeJson(key, StoredFetch, raw).addresses.split('\n')
  const ranges = new AddressRanges()
  for (let at = 0; at < lines.length; at += SLICE) addLines(key, lines, at, ranges)
}

function addLines(
  key: string,
  lines: readonly string[],
  from: number,
  ranges: AddressRanges
): void {
  if (lines.length > MAX_FETCHED) {
    throw new InvalidValue(key, `addresses: expected at most ${MAX_FETCHED} lines`)
  }
  for (let at = from; at < Math.min(from + SLICE, lines.length); at++) {
    const block = parseCidr(lines[at] ?? '')
    if (block === undefined)
      throw new InvalidValue(key, `addresses: line ${at + 1} is not an IP address or CIDR block`)
    ranges.add(block)
  }
}

/** A list as requests see it: the addresses that an operator wrote, and those that were fetched. */
export interface AddressList {
  /** Whether the list has an address. */
  has(ip: string): boolean
  /** Whether all addresses are known: false until the URL has been fetched for the first time. */
  readonly isComplete: boolean
}
