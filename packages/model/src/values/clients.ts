import { AddressSet, type Cidr, parseCidr } from '@reliw/options'
import * as z from 'zod'

/** Maximum number of entries in one rule: long lists of addresses belong in `LIST:<name>`. */
const MAX_CLIENTS = 1000
/** Largest number of an autonomous system (RFC 6793). */
const MAX_ASN = 0xffff_ffff

/** The name of a list in `LIST:<name>`. */
export const LIST_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

const EXPECTED =
  'expected an IP address or CIDR block, "list:<name>", "country:<code>" or "asn:<number>", e.g. "10.0.0.0/8", "list:office", "country:DE", "asn:64500"'

/** One part of a rule about clients. */
type Client = { text: string } & (
  | { block: Cidr }
  | { list: string }
  | { country: string }
  | { asn: number }
)

/** Clients by their addresses, compiled. */
export interface Clients {
  readonly addresses: AddressSet
  /** Names of lists: `LIST:<name>`. */
  readonly lists: readonly string[]
  /** Codes of countries by ISO 3166-1, in capitals. */
  readonly countries: ReadonlySet<string>
  /** Numbers of autonomous systems. */
  readonly asns: ReadonlySet<number>
  /** The blocks as written, for validation. */
  readonly written: readonly { readonly text: string; readonly block: Cidr | undefined }[]
}

const Client = z.unknown().transform((value, context): Client => {
  const client = typeof value === 'string' ? parseClient(value) : EXPECTED
  if (typeof client !== 'string') return client
  context.addIssue({ code: 'custom', message: client, input: value })
  return z.NEVER
})

/**
 * `allow_from` and `deny_from`: addresses, CIDR blocks, `list:<name>`, `country:<code>` and `asn:<number>`, as a list or
 * a text separated by commas or spaces.
 */
export const Clients = z
  .union([z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)), z.unknown()])
  .pipe(
    z
      .array(Client)
      .min(1, 'expected at least one client: leave the field out for no rule')
      .max(MAX_CLIENTS, `expected at most ${MAX_CLIENTS}: store the addresses in a list`)
  )
  .transform(compile)

function parseClient(text: string): Client | string {
  const [, kind = '', value = ''] = /^(list|country|asn):(.*)$/is.exec(text) ?? []
  switch (kind.toLowerCase()) {
    case 'list':
      if (LIST_NAME.test(value)) return { text: `list:${value}`, list: value }
      return 'the name of a list has 1-64 of a-z 0-9 . _ - and begins with a letter or digit'
    case 'country':
      if (/^[a-z]{2}$/i.test(value))
        return { text: `country:${value.toUpperCase()}`, country: value.toUpperCase() }
      return 'expected two letters after "country:", e.g. "country:DE" (ISO 3166-1)'
    case 'asn': {
      const [, digits = ''] = /^(?:AS)?(\d{1,10})$/i.exec(value) ?? []
      const asn = Number(digits)
      if (digits !== '' && asn <= MAX_ASN) return { text: `asn:${asn}`, asn }
      return 'expected the number of an autonomous system after "asn:", e.g. "asn:64500"'
    }
    default: {
      const block = parseCidr(text)
      return block === undefined ? EXPECTED : { text, block }
    }
  }
}

function compile(clients: readonly Client[]): Clients {
  const blocks: Cidr[] = []
  const lists = new Set<string>()
  const countries = new Set<string>()
  const asns = new Set<number>()
  for (const client of clients) {
    if ('block' in client) blocks.push(client.block)
    else if ('list' in client) lists.add(client.list)
    else if ('country' in client) countries.add(client.country)
    else asns.add(client.asn)
  }
  const written = clients.map((client) => ({
    text: client.text,
    block: 'block' in client ? client.block : undefined
  }))
  return { addresses: new AddressSet(blocks), lists: [...lists], countries, asns, written }
}

/** The rules of a site or an entry about the clients that may make requests to it. */
export interface ClientRules {
  readonly allow_from?: Clients | undefined
  readonly deny_from?: Clients | undefined
}

/** The fields of {@link ClientRules} in the schema of a site or an entry. */
export const clientRules = {
  allow_from: Clients.optional().describe(
    'Only these clients are served: addresses, blocks, "list:<name>", "country:<code>", "asn:<number>".'
  ),
  deny_from: Clients.optional().describe(
    'These clients are refused, also those that `allow_from` names.'
  )
}

/** Whether a site or an entry refuses any clients. */
export function hasClientRules({ allow_from: allow, deny_from: deny }: ClientRules): boolean {
  return allow !== undefined || deny !== undefined
}

/** Clients in `allow_from` that `deny_from` refuses, each with the reason and a suggestion. */
export function idleClients({ allow_from: allow, deny_from: deny }: ClientRules): string[] {
  if (allow === undefined || deny === undefined) return []
  const denied = new Set(deny.written.map(({ text }) => text))
  return allow.written
    .filter(({ text, block }) =>
      block === undefined ? denied.has(text) : deny.addresses.covers(block)
    )
    .map(
      ({ text }) =>
        `allow_from: "${text}" has no effect: "deny_from" covers it, and takes precedence; "allow_from" alone already refuses all other clients`
    )
}
