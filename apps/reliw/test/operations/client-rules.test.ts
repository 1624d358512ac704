import t from 'tap'
import { checkStore } from '../../src/operations/site/check-store.ts'
import { checkSites } from '../../src/operations/site/check-sites.ts'
import { findMissingLists } from '../../src/operations/site/client-references.ts'
import { exportSite } from '../../src/operations/site/export-site.ts'
import { SiteDocument } from '../../src/operations/site/site-document.ts'
import { writeSite } from '../../src/operations/site/write-site.ts'
import { writeValue } from '../../src/operations/write-value.ts'
import { conflict, HOST, inEachStore, invalid } from './stores.ts'

const OFFICE = { addresses: ['192.0.2.0/24'], url: 'https://lists.example/', interval: '2h' }
const DOCUMENT = {
  host: HOST,
  routes: [['.*', 'page']],
  entries: { page: { methods: { GET: true }, allow_from: ['list:office', 'country:DE'] } },
  settings: { deny_from: 'list:drop asn:64500' },
  lists: { office: OFFICE, drop: { addresses: '10.0.0.1' } }
}
const read = (document: object) => ({ ...SiteDocument.parse(document), host: HOST })
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const taken = async (): Promise<void> => undefined

await inEachStore(t, 'a site is exported and imported with its lists', async (t, { store }) => {
  const { driver, keys } = store
  await writeValue(store, { key: 'LIST:other', value: json({ addresses: [] }) })
  await driver.write([
    {
      op: 'set',
      key: keys.fetched('office'),
      value: json({ url: 'x', fetched: 1, addresses: '10.0.0.1' })
    }
  ])
  for (const checked of checkSites(store, [read(DOCUMENT)])) await writeSite(store, checked)
  const exported = await exportSite(store, HOST, taken)
  t.same(JSON.parse(JSON.stringify(exported)), { ...DOCUMENT, titles: {}, types: {} })
  t.strictSame(await checkStore(store), {
    issues: [],
    warnings: [`${keys.list('other')}: unused: no rule refers to "list:other"`]
  })
  const [without] = checkSites(store, [read({ ...DOCUMENT, lists: undefined })])
  if (without !== undefined) await writeSite(store, without)
  t.equal(await driver.type(keys.list('office')), 'string', 'lists belong to all sites')
  await t.rejects(
    async () => checkSites(store, [read({ ...DOCUMENT, lists: { Office: OFFICE, x: 7 } })]),
    {
      ...invalid,
      issues: [/LIST:Office.*a name has 1-64/, /LIST:x/]
    }
  )
})

await inEachStore(t, 'missing lists and databases are found', async (t, { store }) => {
  const { driver, keys } = store
  const gone = /there is no list "drop": clients are refused until RLW:LIST:drop is stored/
  const settings = { key: `SITE:${HOST}`, value: json({ deny_from: ['list:drop'] }) }
  await t.rejects(writeValue(store, settings), { ...conflict, message: gone })
  const entry = { key: `API:${HOST}:e`, value: json({ methods: {}, allow_from: 'list:drop' }) }
  await t.rejects(writeValue(store, entry), { ...conflict, message: gone })
  t.match(await findMissingLists(store, read({ ...DOCUMENT, lists: { office: OFFICE } })), [gone])
  t.strictSame(await findMissingLists(store, read(DOCUMENT)), [])

  for (const checked of checkSites(store, [read({ ...DOCUMENT, lists: {} })]))
    await writeSite(store, checked)
  await driver.write([
    {
      op: 'set',
      key: keys.fetched('left'),
      value: json({ url: 'x', fetched: 1, addresses: '10.0.0.1' })
    }
  ])
  const { issues, warnings } = await checkStore(store, { country: '/x.mmdb' })
  t.match(
    issues.toSorted(),
    [
      /API:a.example:page: allow_from: there is no list "office"/,
      /SITE:a.example: deny_from: "asn:…" needs geo.asn in the config/,
      gone
    ].toSorted((a, b) => String(a).localeCompare(String(b)))
  )
  t.equal(issues.length, 3)
  t.match(warnings, [/FETCHED:left: unused: there is no RLW:LIST:left with a URL/])
  await writeValue(store, { key: 'LIST:drop', value: json({ addresses: [] }) })
  await writeValue(store, settings)
})

await inEachStore(
  t,
  'rules of entries beside an upstream for the host are refused',
  async (t, { store }) => {
    const proxy = { key: `PROXY:${HOST}`, value: json({ target: '127.0.0.1:1' }) }
    const entry = { key: `API:${HOST}:e`, value: json({ methods: {}, allow_from: '10.0.0.1' }) }
    await writeValue(store, entry)
    await t.rejects(writeValue(store, proxy), {
      ...conflict,
      message: /bypassing the allow_from of/
    })
    await store.driver.write([{ op: 'delete', key: store.keys.entry(HOST, 'e') }])
    await writeValue(store, proxy)
    await t.rejects(writeValue(store, entry), {
      ...conflict,
      message: /allow_from: no effect beside .*PROXY:a.example.*or the rule to SITE:<host>/
    })
    await writeValue(store, { key: `SITE:${HOST}`, value: json({ allow_from: '10.0.0.1' }) })
  }
)
