import { openStore } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { checkSites } from '../../src/operations/site/check-sites.ts'
import { checkStore } from '../../src/operations/site/check-store.ts'
import { type Site, SiteDocument } from '../../src/operations/site/site-document.ts'
import { writeSite } from '../../src/operations/site/write-site.ts'
import { HOST, inEachStore, invalid } from './stores.ts'

type Routes = [pattern: string, entry: string, isExact?: boolean][]

const loops: [to: string, routes: Routes, path: string][] = [
  ['/new/%1', [['^/(.*)$', 'old']], '/new/x'],
  ['/%1/x', [['^/(%d+)', 'old']], '/1/x'],
  ['/b', [['^/b', 'old']], '/b'],
  ['/a', [['/a', 'old', true]], '/a'],
  ['/page', [['^/', 'old']], '/page'],
  [`http://${HOST}/x`, [['^/', 'old']], '/x'],
  ['https://${host}${path}${query}', [['^/', 'old']], '/x'],
  [
    '/other',
    [
      ['/other', 'other', true],
      ['^/back', 'old']
    ],
    '/other'
  ]
]

const sound: [to: string, routes: Routes][] = [
  ['/new/%1', [['^/old/(.*)$', 'old']]],
  ['/%1', [['^/(%a)/old$', 'old']]],
  ['https://www.${host}${path}', [['^/', 'old']]],
  ['https://${host}:8443${path}', [['^/', 'old']]],
  ['https://b.example${path}', [['^/', 'old']]],
  ['/x%1', [['/x', 'old', true]]],
  ['/a', [['^/b', 'old']]]
]

const missing: [to: string, routes: Routes, capture: string][] = [
  ['/%2', [['^/(a)', 'old']], '%2'],
  ['/%2', [['/a', 'old', true]], '%2'],
  ['/%9', [['^/a', 'old']], '%9']
]

const entriesFor = (to: string): Record<string, object> => ({
  old: { methods: { GET: true }, redirect: { to } },
  other: { methods: { GET: true }, redirect: { to: '/back' } }
})

/** A site that redirects everything to another host. */
const between = (host: string, to: string): Site => ({
  ...SiteDocument.parse({
    routes: [['^/', 'all']],
    entries: { all: { methods: { GET: true }, redirect: { to: `https://${to}\${path}` } } }
  }),
  host,
  files: {},
  data: {}
})

t.test('hosts that redirect to each other are found', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const sites = [between('a.example', 'www.a.example'), between('www.a.example', 'a.example')]
  t.throws(() => checkSites(store, sites), {
    ...invalid,
    issues: [
      'RLW:API:a.example:all: redirect.to leads back to itself: clients at www.a.example/x would be redirected forever',
      'RLW:API:www.a.example:all: redirect.to leads back to itself: clients at a.example/x would be redirected forever'
    ]
  })
  t.equal(checkSites(store, sites.slice(1)).length, 1)
  for (const [host, to, aliases, isImported] of [
    ['c.example', 'www.c.example', ['www.c.example'], false],
    ['*.d.example', 'b.d.example', [], true],
    // Another site could have the host.
    ['e.example', 'f.example', ['*'], true]
  ] as const) {
    const site = { ...between(host, to), settings: { aliases } }
    if (!isImported) t.throws(() => checkSites(store, [site]), { message: /back to itself/ }, host)
    else for (const checked of checkSites(store, [site])) await writeSite(store, checked)
  }
  t.match((await checkStore(store)).issues.toSorted(), [
    /^RLW:API:\*\.d\.example:all: redirect\.to leads back to itself: clients at b\.d\.example\/x /,
    /^RLW:API:e\.example:all: redirect\.to leads back to itself: clients at f\.example\/x /
  ])
})

await inEachStore(t, 'redirects that cannot work are found', async (t, { store }) => {
  /** What `import` and `check --store` say; they agree. */
  const issuesOf = async (to: string, routes: Routes): Promise<string[]> => {
    const { driver, keys } = store
    const entries = entriesFor(to)
    await driver.write([
      { op: 'set', key: keys.routes(HOST), value: JSON.stringify(routes) },
      ...Object.entries(entries).map(([id, entry]) => ({
        op: 'set' as const,
        key: keys.entry(HOST, id),
        value: JSON.stringify(entry)
      }))
    ])
    const { issues } = await checkStore(store)
    const site = { ...SiteDocument.parse({ routes, entries }), host: HOST, files: {}, data: {} }
    let imported: readonly string[] = []
    try {
      checkSites(store, [site])
    } catch (error) {
      imported = (error as { issues: string[] }).issues
    }
    t.strictSame(imported, issues, to)
    return issues
  }
  for (const [to, routes, path] of loops) {
    const issue = (await issuesOf(to, routes)).find((one) => one.includes(':old:')) ?? 'none'
    t.match(issue, `RLW:API:${HOST}:old: redirect.to leads back to itself`, to)
    t.match(issue, `clients at ${path} would be redirected forever`, to)
  }
  t.match(await issuesOf('https://${host}${path}', [['^/', 'old']]), [/did you mean "https": "red/])
  for (const [to, routes] of sound) t.strictSame(await issuesOf(to, routes), [], to)
  for (const [to, routes, capture] of missing) {
    t.match(await issuesOf(to, routes), [
      `RLW:API:${HOST}:old: redirect.to uses ${capture}, but a route that leads to it has fewer captures`
    ])
  }
})
