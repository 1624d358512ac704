import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mmdb, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { findGeoIssues } from '../src/geo/find-geo-issues.ts'
import { type Geo, openGeo } from '../src/geo/open-geo.ts'

const COUNTRIES = {
  '0.0.0.0/1': { country: { iso_code: 'US' }, registered_country: { iso_code: 'FR' } },
  '10.0.0.0/8': { country: { iso_code: 'DE', names: { en: 'Germany', 'zh-CN': '德国' } } },
  '10.1.0.0/16': { country_code: 'fr' },
  '10.2.0.0/16': { country: 'IT' },
  '10.3.0.0/16': { registered_country: { iso_code: 'ES' } },
  '2001:db8::/32': { country: { iso_code: 'AT' } }
}
const SYSTEMS = {
  '10.0.0.0/8': { autonomous_system_number: 64500, autonomous_system_organization: 'Example' },
  '192.0.2.0/24': { asn: 'AS64501', name: 'Other' }
}

interface Opened {
  geo: Geo
  dir: string
  lines: { level: string; message: string; fields: Record<string, unknown> }[]
}

async function open(t: Test, country?: Buffer, asn?: Buffer): Promise<Opened> {
  const dir = tempDir(t)
  if (country !== undefined) await writeFile(join(dir, 'country.mmdb'), country)
  if (asn !== undefined) await writeFile(join(dir, 'asn.mmdb'), asn)
  const lines: Opened['lines'] = []
  const note =
    (level: string) =>
    ({ access }: { access: Record<string, unknown> }, message: string): void =>
      void lines.push({ level, message, fields: access })
  const log = { info: note('info'), error: note('error') } as Parameters<typeof openGeo>[1]
  const geo = openGeo({ country: join(dir, 'country.mmdb'), asn: join(dir, 'asn.mmdb') }, log)
  t.teardown(() => geo.close())
  await geo.country.loading
  await geo.asn.loading
  return { geo, dir, lines }
}

t.test('countries and systems of addresses are found', async (t) => {
  const { geo } = await open(t, mmdb('GeoLite2-Country', COUNTRIES), mmdb('ASN', SYSTEMS))
  const { country, asn } = geo
  t.same([country.issue, asn.issue], [undefined, undefined])
  for (let time = 0; time < 2; time++) {
    t.equal(country.find('10.9.9.9'), 'DE')
    t.equal(country.find('::ffff:10.9.9.9'), 'DE')
    t.equal(country.find('10.1.0.1'), 'FR')
    t.equal(country.find('10.2.0.1'), 'IT')
    t.equal(
      country.find('10.3.0.1'),
      undefined,
      'where an address is registered is not where it is'
    )
    t.equal(country.find('9.9.9.9'), 'US')
    t.equal(country.find('192.0.2.1'), undefined)
    t.equal(country.find('2001:db8::1'), 'AT')
    t.equal(country.find('2001:db9::1'), undefined)
    t.equal(country.find(''), undefined)
    t.equal(asn.find('10.9.9.9'), 64500)
    t.equal(asn.find('192.0.2.9'), 64501)
  }
})

t.test('more addresses than are memoized are found all the same', async (t) => {
  const { geo } = await open(t, mmdb('Country', COUNTRIES))
  for (let n = 0; n < 10_000; n++) geo.country.find(`10.9.${n >> 8}.${n & 255}`)
  t.equal(geo.country.find('10.9.0.0'), 'DE')
})

t.test(
  'a file is read again when it changes; one that cannot be read changes nothing',
  async (t) => {
    const { geo, dir, lines } = await open(t, mmdb('Country', { '10.0.0.0/8': { country: 'DE' } }))
    const file = join(dir, 'country.mmdb')
    t.equal(geo.country.find('10.0.0.1'), 'DE')
    const failures = (): number =>
      lines.filter(({ fields }) => 'cause' in fields && fields['geo'] === 'country').length
    await writeFile(file, 'not a database')
    await waitFor(() => failures() === 1, 'the failure')
    t.equal(geo.country.find('10.0.0.1'), 'DE')
    t.equal(geo.country.issue, undefined)
    await writeFile(join(dir, 'new'), mmdb('Country', { '10.0.0.0/8': { country: 'FR' } }))
    await rename(join(dir, 'new'), file)
    await waitFor(() => geo.country.find('10.0.0.1') === 'FR', 'the new content')
    t.equal(failures(), 1)
  }
)

t.test(
  'a file that is no database, or another one, is refused, and taken once it is right',
  async (t) => {
    const right = mmdb('Country', COUNTRIES)
    for (const [bad, why] of [
      [undefined, /ENOENT/],
      [Buffer.from(''), /not a database in the MaxMind format/],
      [Buffer.alloc(3_000_000, 0xab), /not a database in the MaxMind format/],
      [right.subarray(right.length / 2), /its end is missing|do not have/],
      [mmdb('ASN', SYSTEMS), /records do not have what the rules need/]
    ] as const) {
      const { geo, dir, lines } = await open(t, bad)
      t.match(geo.country.issue, why)
      t.match(geo.country.issue, /geo\.country in the config/)
      t.equal(lines[0]?.level, 'error')
      t.match(await findGeoIssues({ country: join(dir, 'country.mmdb') }), [why])
      if (bad === undefined) continue
      await writeFile(join(dir, 'country.mmdb'), right)
      await waitFor(() => geo.country.find('10.9.9.9') === 'DE', 'the right file')
      t.equal(geo.country.issue, undefined)
    }
  }
)

t.test('without a file, every look-up has an issue', async (t) => {
  const geo = openGeo({}, { info: () => undefined, error: () => undefined })
  t.match(geo.country.issue, /set geo.country in the config/)
  t.match(geo.asn.issue, /set geo.asn in the config/)
  t.equal(geo.asn.loading, undefined)
  t.strictSame(await findGeoIssues({}), [])
})
