import t from 'tap'
import { checkStore } from '../../src/operations/site/check-store.ts'
import { checkSites } from '../../src/operations/site/check-sites.ts'
import { exportSite } from '../../src/operations/site/export-site.ts'
import { findHosts } from '../../src/operations/site/keys-of-site.ts'
import { type Site, SiteDocument } from '../../src/operations/site/site-document.ts'
import { writeSite } from '../../src/operations/site/write-site.ts'
import {
  conflict,
  contents,
  countWrites,
  HOST,
  inEachStore,
  invalid,
  missing,
  openRedisStore
} from './stores.ts'

const DOCUMENT = {
  host: HOST,
  routes: [['.*', 'page']],
  entries: { page: { methods: { GET: true }, index: 'index.md' } },
  settings: { unsafe_html: true },
  titles: { '/index.md': 'Title' },
  types: { '/bytes': 'application/x-bytes' },
  users: { joe: { pass: 'x', salt: 'y' } },
  waf: { query: ['x'] }
}
const BYTES = Buffer.from([0, 255, 10])

function site(document: object = DOCUMENT, host = HOST): Site {
  const files = { '/bytes': BYTES, '/index.md': Buffer.from('# x') }
  return { ...SiteDocument.parse(document), host, files, data: { 'a.html': Buffer.from('a') } }
}

await inEachStore(t, 'an exported site is the one that was written', async (t, { store }) => {
  const [checked] = checkSites(store, [site()])
  t.equal(await countWrites(async () => checked && writeSite(store, checked)), 1)
  t.strictSame(await findHosts(store), [HOST])
  t.strictSame(await checkStore(store), { issues: [], warnings: [] })
  const taken: Record<string, string> = {}
  const exported = await exportSite(store, HOST, async (kind, name, content) => {
    taken[`${kind} ${name}`] = content.toString('latin1')
  })
  t.same(JSON.parse(JSON.stringify(exported)), DOCUMENT)
  t.strictSame(taken, {
    'files /bytes': BYTES.toString('latin1'),
    'files /index.md': '# x',
    'data a.html': 'a'
  })
})

await inEachStore(t, 'one error has the validation issues of all sites', async (t, { store }) => {
  const wrong = site({ routes: [['/', 'none']], settings: { unsafe: true } }, 'b.example')
  const sites = [site(), site(), { ...wrong, types: {} }]
  await t.rejects(async () => checkSites(store, sites), {
    ...invalid,
    issues: [
      `${HOST}: more than one document describes this host`,
      /^RLW:SITE:b.example: .*unsafe/,
      'RLW:API:b.example: a route leads to entry "none", which does not exist'
    ]
  })
})

await t.test('a write that Redis refuses a part of leaves a site as before', async (t) => {
  const { store, redis } = await openRedisStore(t)
  for (const checked of checkSites(store, [site()])) await writeSite(store, checked)
  const before = await contents(store)
  await redis.command('ACL', 'SETUSER', 'default', '-hset')
  const other = { ...site(), settings: undefined, data: {} }
  const [checked] = checkSites(store, [other])
  await t.rejects(async () => checked && writeSite(store, checked), {
    code: 'RELIW_STORE_WRITE_FAILED'
  })
  t.strictSame(await contents(store), before)
})

await inEachStore(t, 'a site that cannot be exported is refused', async (t, { store }) => {
  const { driver, keys } = store
  const take = async (): Promise<void> => void t.fail('nothing is taken')
  const of = async (host: string): Promise<unknown> => exportSite(store, host, take)
  await t.rejects(of(HOST), { ...missing, message: `The store has no site ${HOST}.` })
  await driver.write([
    { op: 'set', key: keys.routes('../x'), value: '[]' },
    { op: 'set', key: keys.routes(HOST), value: '[]' },
    { op: 'set', key: keys.entry(HOST, 'x'), value: '{' }
  ])
  await t.rejects(of('../x'), { ...conflict, message: /"..\/x" in .* is not a valid host/ })
  await t.rejects(of(HOST), { ...conflict, message: /API:a.example:x is not JSON/ })
})
