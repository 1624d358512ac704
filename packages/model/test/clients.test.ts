import t from 'tap'
import {
  Clients,
  decodeFetched,
  decodeList,
  InvalidKey,
  InvalidValue,
  Keyspace,
  MAX_FETCHED,
  Settings
} from '../src/index.ts'

const keys = new Keyspace('RLW')

/** The issue of a value that is refused; '' for a valid one. */
function refusal(key: string, value: unknown): string {
  try {
    keys.check(`RLW:${key}`, Buffer.from(JSON.stringify(value)))
  } catch (error) {
    if (error instanceof InvalidKey) return error.message
    if (error instanceof InvalidValue) return error.issue
    throw error
  }
  return ''
}

t.test(
  'clients are addresses, blocks, lists, countries and systems, as list or text',
  async (t) => {
    const text = '10.0.0.0/8, 2001:db8::/32 list:office LIST:vpn country:de asn:AS64500'
    for (const given of [text, text.split(/[, ]+/)]) {
      const { addresses, lists, countries, asns } = Clients.parse(given)
      t.ok(addresses.has('10.1.2.3'))
      t.ok(addresses.has('2001:db8::1'))
      t.notOk(addresses.has('192.0.2.1'))
      t.strictSame(lists, ['office', 'vpn'])
      t.strictSame([...countries, ...asns], ['DE', 64500])
    }
    const rules = { allow_from: '10.0.0.0/8', deny_from: ['country:KP'] }
    t.equal(refusal('SITE:a.example', rules), '')
    t.equal(refusal('API:a.example:e', { methods: { GET: true }, ...rules }), '')
  }
)

t.test('clients that nobody could be are refused, with a hint', async (t) => {
  const refused: [clients: unknown, why: RegExp][] = [
    [[], /leave the field out/],
    ['', /leave the field out/],
    [['office'], /^allow_from\[0\]: expected an IP address or CIDR block, "list:<name>"/],
    [['all'], /^allow_from\[0\]: expected an IP address/],
    [['10.0.0.0/33'], /^allow_from\[0\]: expected an IP address/],
    [['10.0.0.1', 'list:Office'], /^allow_from\[1\]: the name of a list has 1-64 of a-z/],
    [['list:'], /the name of a list/],
    [['list:a/../b'], /the name of a list/],
    [[`list:${'a'.repeat(65)}`], /the name of a list/],
    [['country:Germany'], /expected two letters after "country:"/],
    [['asn:4294967296'], /number of an autonomous system/],
    [['asn:-1'], /number of an autonomous system/],
    [[7], /expected an IP address/],
    [{}, /expected array/],
    [Array.from({ length: 1001 }, () => '10.0.0.1'), /at most 1000: store the addresses in a list/]
  ]
  for (const [clients, why] of refused) {
    t.match(refusal('SITE:a.example', { allow_from: clients }), why, JSON.stringify(clients))
  }
})

t.test('clients that are allowed and denied are refused: denial takes precedence', async (t) => {
  const covered = /^allow_from: "(.*)" has no effect: "deny_from" covers it, and takes precedence/
  for (const [allow, deny, named] of [
    ['10.0.0.1', '0.0.0.0/0', '10.0.0.1'],
    ['10.0.0.0/24 192.0.2.1', '10.0.0.0/25 10.0.0.128/25', '10.0.0.0/24'],
    ['list:a country:DE', 'list:b country:de', 'country:DE'],
    ['asn:1', 'asn:AS1', 'asn:1']
  ] as const) {
    const value = { methods: { GET: true }, allow_from: allow, deny_from: deny }
    t.equal(covered.exec(refusal('API:a.example:e', value))?.[1], named)
    const { methods: _, ...site } = value
    t.match(refusal('SITE:a.example', site), covered)
    t.ok(Settings.safeParse(site).success, 'a stored one stays in force')
  }
  t.equal(refusal('SITE:a.example', { allow_from: '10.0.0.0/8', deny_from: '10.0.0.1' }), '')
})

t.test('a list has addresses, a URL, or both', async (t) => {
  const url = 'https://lists.example/drop.txt'
  for (const value of [
    { addresses: ['192.0.2.1', '2001:db8::/32'] },
    { addresses: '192.0.2.1, 198.51.100.0/24' },
    { addresses: [] },
    { url },
    { url, interval: '6h', field: 'hooks', addresses: ['10.0.0.0/8'] }
  ]) {
    t.equal(refusal('LIST:office', value), '', JSON.stringify(value))
  }
  const refused: [value: object, why: RegExp][] = [
    [{}, /expected "addresses" or "url"/],
    [{ addresses: ['x'] }, /^addresses\[0\]: expected an IP address/],
    [{ addresses: Array.from({ length: 10_001 }, () => '10.0.0.1') }, /addresses/],
    [{ adresses: [] }, /Unknown key "adresses": did you mean "addresses"/],
    [{ url: 'ftp://lists.example/x' }, /expected an address "https:/],
    [{ url: 'file:///etc/passwd' }, /expected an address "https:/],
    [{ url: 'https://user:secret@lists.example/' }, /^url: credentials .* not supported$/],
    [{ url: 'https://lists.example/#a' }, /without "#"/],
    [{ url: `https://lists.example/${'a'.repeat(2048)}` }, /^url/],
    [{ url, interval: '10s' }, /^interval: expected at least "1m"/],
    [{ url, interval: '40d' }, /^interval: expected at most "30d"/],
    [{ addresses: [], interval: '1h' }, /^interval: no effect without "url"/],
    [{ addresses: [], field: 'x' }, /^field: no effect without "url"/]
  ]
  for (const [value, why] of refused) {
    const issue = refusal('LIST:office', value)
    t.match(issue, why)
    t.notMatch(issue, /secret/)
  }
  const { addresses, interval } = decodeList('k', Buffer.from(JSON.stringify({ url })))
  t.ok(addresses.isEmpty)
  t.equal(interval, 3_600_000)
})

t.test('the name of a list is one that rules can refer to', async (t) => {
  const list = { addresses: [] }
  t.match(refusal('LIST:Office', list), /a name has 1-64 of a-z.*LIST:office/s)
  for (const name of ['', ':', 'a:b', 'a b', '../x', '-a', 'a'.repeat(65)]) {
    t.match(refusal(`LIST:${name}`, list), /expected "LIST:<name>"/, name)
  }
  t.equal(keys.isTracked(keys.list('office')), true)
  t.equal(keys.isTracked(keys.fetched('office')), true)
})

/** A stored fetch. */
const value = (addresses: string): Buffer =>
  Buffer.from(JSON.stringify({ url: 'https://x.example/', fetched: 1, addresses }))

t.test('fetched content is bounded and has to parse', async (t) => {
  const lines = Array.from({ length: 3000 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`)
  const { addresses } = await decodeFetched('k', value([...lines, '2001:db8::/32'].join('\n')))
  t.ok(addresses.has('10.11.183.1'))
  t.notOk(addresses.has('10.11.184.1'))
  t.ok(addresses.has('2001:db8::1'))
  for (const bad of [
    [...lines, 'x'].join('\n'),
    Array.from({ length: MAX_FETCHED + 1 }, () => '10.0.0.1').join('\n')
  ]) {
    await t.rejects(decodeFetched('k', value(bad)), { code: 'RELIW_STORE_INVALID_VALUE' })
    t.throws(() => keys.check('RLW:FETCHED:a', value(bad)), { code: 'RELIW_STORE_INVALID_VALUE' })
  }
})
