import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis } from '@reliw/testing'
import t from 'tap'
import { createWorkplace, type Workplace } from './run-cli.ts'

const DOCUMENT = {
  host: 'a.example',
  routes: [['.*', 'all']],
  entries: { all: { methods: { GET: true }, index: 'index.md' }, other: { methods: {} } },
  settings: { unsafe_html: true },
  titles: { '/index.md': 'Title' },
  types: { '/bytes': 'application/x-bytes' },
  users: { joe: { pass: 'x', salt: 'y' } },
  proxy: { target: 'localhost' },
  waf: { query: ['x'] }
}
const BYTES = Buffer.from([0, 255, 10])

/** Every value in the store, by its key; the fields of a hash have no order. */
async function contents({ reliw }: Workplace): Promise<Record<string, unknown>> {
  const keys = (await reliw('keys')).trim().split('\n')
  const values = keys.map(async (key) => {
    const value = await reliw('get', key)
    return [key, value.startsWith('{') ? JSON.parse(value) : value] as const
  })
  return Object.fromEntries(await Promise.all(values))
}

t.test('an exported site is the same when imported elsewhere', async (t) => {
  const { port } = await startRedis(t)
  const [from, to] = [createWorkplace(t), createWorkplace(t, { redis: { port } })]
  const folder = join(from.dir, 'in/a.example')
  mkdirSync(join(folder, 'files/sub'), { recursive: true })
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'site.json'), JSON.stringify(DOCUMENT))
  writeFileSync(join(folder, 'files/bytes'), BYTES)
  writeFileSync(join(folder, 'files/sub/index.md'), '# Ü')
  writeFileSync(join(folder, 'data/template.html'), '${content}')
  const warned = await from.run(['import', join(from.dir, 'in')])
  t.match(warned, { code: 0, stderr: /no effect beside PROXY:a.example/ })
  await from.reliw('set', 'API:b.example', '[]')
  const out = join(from.dir, 'out')
  const said = await from.reliw('export', '--out', out)
  t.equal(said, `a.example: ${out}/a.example\nb.example: ${out}/b.example\n`)
  const exported = JSON.parse(readFileSync(join(out, 'a.example/site.json'), 'utf8')) as object
  t.same(exported, DOCUMENT)
  t.same(readFileSync(join(out, 'a.example/files/bytes')), BYTES)
  const document = join(out, 'a.example/site.json')
  t.equal(statSync(document).mode & 0o777, 0o600, 'it holds passwords')
  chmodSync(document, 0o644)
  await from.reliw('export', 'a.example', '--out', out)
  t.equal(statSync(document).mode & 0o777, 0o600, 'also where one was before')
  t.match(await to.run(['import', out]), { code: 0, stderr: /no effect beside PROXY:a.example/ })
  t.same(await contents(to), await contents(from))
})

t.test('only the named hosts are exported, and unknown ones are named', async (t) => {
  const { dir, run, reliw } = createWorkplace(t)
  for (const host of ['a.example', 'b.example']) await reliw('set', `API:${host}`, '[]')
  t.equal(await reliw('export', 'b.example', '--out', dir), `b.example: ${dir}/b.example\n`)
  t.match(await run(['export', 'c.example', '--out', dir]), {
    code: 1,
    stderr: 'The store has no site c.example.\n'
  })
})

t.test('a stored name cannot lead out of the folder', async (t) => {
  const { dir, run, reliw } = createWorkplace(t)
  const out = join(dir, 'deep/out')
  await reliw('set', 'API:../../evil', '[]', '--no-check')
  t.match(await run(['export', '--out', out]), { code: 1, stderr: /evil/ })
  t.throws(() => statSync(join(dir, 'evil')))
  await reliw('del', 'API:../../evil')
  await reliw('set', 'API:a.example', '[]')
  await reliw('set', 'DATA:a.example:../../../evil', 'x')
  t.match(await run(['export', '--out', out]), { code: 1, stderr: /evil leads out of the folder/ })
  t.throws(() => statSync(join(dir, 'evil')))
})
