import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const ROUTES = [['.*', 'all']]
const ENTRIES = { all: { methods: { GET: true }, index: 'index.md' } }
const SITE = { routes: ROUTES, entries: ENTRIES }

/** Writes files, objects as JSON, and returns their folder. */
function folder(t: Parameters<typeof tempDir>[0], files: Record<string, unknown>): string {
  const dir = tempDir(t)
  for (const [name, content] of Object.entries(files)) {
    const file = join(dir, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return dir
}

t.test('a document, a folder with one and a folder of folders are imported', async (t) => {
  const { reliw } = createWorkplace(t)
  const document = folder(t, { 'x.json': { ...SITE, host: 'One.Example' } })
  t.equal(await reliw('import', join(document, 'x.json')), 'one.example: imported, 0 files\n')
  const single = folder(t, { 'two.example/site.json': SITE, 'two.example/files/a/b.txt': 'b' })
  t.equal(await reliw('import', join(single, 'two.example')), 'two.example: imported, 1 file\n')
  t.equal(await reliw('get', 'FILES:two.example:/a/b.txt', 'content'), 'b')
  const many = folder(t, {
    'three.example/site.json': { ...SITE, data: { 'template.html': '${content}' } },
    'three.example/files/.hidden': 'no',
    'three.example/files/index.md': '# x',
    'four.example/site.json': SITE,
    'four.example/data/snippet.html': 'data',
    'notes/README': 'not a site'
  })
  const said = await reliw('import', many)
  t.same(said.trim().split('\n'), [
    'four.example: imported, 0 files',
    'three.example: imported, 1 file'
  ])
  t.equal(await reliw('get', 'DATA:four.example:snippet.html'), 'data')
  t.equal(await reliw('get', 'DATA:three.example:template.html'), '${content}')
})

t.test('nothing is written if any site is invalid', async (t) => {
  const { run, reliw } = createWorkplace(t)
  const dir = folder(t, {
    'good.example/site.json': SITE,
    'bad.example/site.json': {
      routes: [['/', 'missing']],
      entries: { home: { methods: { GET: true }, atuh: [] }, page: {} },
      settings: { unsafe: true }
    }
  })
  const outcome = await run(['import', dir])
  t.match(outcome, { code: 1, stdout: '' })
  t.match(outcome.stderr, /API:bad.example:home: .*atuh/)
  t.match(outcome.stderr, /API:bad.example:page: .*methods/)
  t.match(outcome.stderr, /SITE:bad.example: .*unsafe/)
  t.match(outcome.stderr, /API:bad.example: a route leads to entry "missing", which does not exist/)
  writeFileSync(join(dir, 'bad.example/site.json'), '{"ruotes": []}')
  t.match(await run(['import', dir]), { code: 1, stderr: /did you mean "routes"\?/ })
  writeFileSync(join(dir, 'bad.example/site.json'), '{')
  t.match(await run(['import', dir]), { code: 1, stderr: /bad.example\/site.json: invalid JSON/ })
  t.equal(await reliw('keys'), '')
})

t.test('two documents for one host are refused', async (t) => {
  const { run, reliw } = createWorkplace(t)
  const dir = folder(t, {
    'a/site.json': { ...SITE, host: 'x.example' },
    'x.example/site.json': SITE
  })
  t.match(await run(['import', dir]), { code: 1, stderr: /x.example: more than one document/ })
  t.equal(await reliw('keys'), '')
})

t.test('a path without a site is an error', async (t) => {
  const { run } = createWorkplace(t)
  t.match(await run(['import', 'none']), {
    code: 1,
    stderr: 'none: no such file or directory (ENOENT)\n'
  })
  t.match(await run(['import', tempDir(t)]), { code: 1, stderr: /There is no site.json in/ })
  const nameless = folder(t, { 'not a host/site.json': SITE })
  t.match(await run(['import', nameless]), { code: 1, stderr: /host: required/ })
})

t.test('--dry-run only checks; --skip-existing skips a stored site', async (t) => {
  const { reliw } = createWorkplace(t)
  const dir = folder(t, { 'a.example/site.json': SITE })
  t.equal(await reliw('import', dir, '--dry-run'), 'a.example: valid, 0 files\n')
  t.equal(await reliw('keys'), '')
  await reliw('import', dir)
  writeFileSync(join(dir, 'a.example/site.json'), JSON.stringify({ ...SITE, routes: [] }))
  t.equal(
    await reliw('import', dir, '--skip-existing'),
    'a.example: skipped, already in the store\n'
  )
  t.same(JSON.parse(await reliw('get', 'API:a.example')), ROUTES)
})

t.test('--skip-existing skips a host that has only settings or an upstream', async (t) => {
  const { reliw } = createWorkplace(t)
  const dir = folder(t, { 'a.example/site.json': SITE, 'b.example/site.json': SITE })
  const upstream = '{"targets":["http://127.0.0.1:1"]}'
  await reliw('set', 'PROXY:a.example', upstream)
  await reliw('set', 'SITE:b.example', '{"unsafe_html":true}')
  t.equal(
    await reliw('import', dir, '--skip-existing'),
    ['a.example', 'b.example'].map((host) => `${host}: skipped, already in the store\n`).join('')
  )
  t.equal(await reliw('get', 'PROXY:a.example'), upstream)
  t.equal(await reliw('keys', 'API:'), '')
})

t.test('an import replaces the site: everything else is deleted, except users', async (t) => {
  const { reliw } = createWorkplace(t)
  const full = { ...SITE, settings: { unsafe_html: true }, titles: { '/x': 'X' }, data: { d: '1' } }
  const dir = folder(t, {
    'a.example/site.json': {
      ...full,
      users: { joe: { pass: 'x', salt: 'y' } },
      waf: { query: ['x'] }
    },
    'a.example/files/old.txt': 'old'
  })
  await reliw('import', dir)
  await reliw('set', 'DATA:a.example:.well-known/acme-challenge/t', 'token')
  await reliw('set', 'DATA:other.example:d', 'other')
  await reliw('set', 'API:a.example:extra', '{"methods":{"GET":true}}')
  rmSync(join(dir, 'a.example/files'), { recursive: true })
  writeFileSync(join(dir, 'a.example/site.json'), JSON.stringify(SITE))
  t.equal(await reliw('import', dir), 'a.example: replaced, 0 files\n')
  t.same((await reliw('keys')).trim().split('\n').toSorted(), [
    'RLW:API:a.example',
    'RLW:API:a.example:all',
    'RLW:DATA:a.example:.well-known/acme-challenge/t',
    'RLW:DATA:other.example:d',
    'RLW:USERS:a.example'
  ])
})
