import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createWorkplace, type Workplace } from './run-cli.ts'

const RULES = {
  ip_header: 'X-Client',
  query: ['größe', '%.%./'],
  headers: { 'User-Agent': ['bot'] },
  mode: 'detect',
  action: { redirect: 'https://sorry.example/', status: 307 },
  exclusions: [
    { rule: '%.%./', path: '^/raw', parameter: 'q', expires: '2030-01-01', reason: 'why' },
    { header: 'User-Agent', expires: 1_893_456_000_000 }
  ]
}

/** Writes a document of a site with these rules; returns its folder. */
function write({ dir }: Workplace, host: string, waf?: unknown): string {
  const folder = join(dir, 'in', host)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'site.json'), JSON.stringify({ host, routes: [], waf }))
  return folder
}

t.test('rules are imported, exported and deleted with their site', async (t) => {
  const place = createWorkplace(t)
  const { dir, reliw } = place
  await reliw('import', write(place, 'a.example', RULES))
  t.same(JSON.parse(utf8(await reliw('get', 'WAF', 'a.example'))), RULES)
  await reliw('waf', 'set', '__', '{"query":["all"]}')
  await reliw('export', '--out', join(dir, 'out'))
  const document = readFileSync(join(dir, 'out/a.example/site.json'), 'utf8')
  t.same((JSON.parse(document) as { waf: object }).waf, RULES)

  const other = createWorkplace(t)
  await other.reliw('import', join(dir, 'out'))
  t.same(JSON.parse(utf8(await other.reliw('get', 'WAF', 'a.example'))), RULES)
  t.match(await other.run(['waf', 'list', '__']), { stdout: 'There are no rules.\n' })

  await reliw('import', write(place, 'a.example'))
  t.match(await place.run(['get', 'WAF', 'a.example']), { code: 1 }, 'a site without rules')
  t.equal(await reliw('get', 'WAF', '__'), '{"query":["all"]}', 'those of all hosts stay')
})

t.test('a site with invalid rules is not imported', async (t) => {
  const place = createWorkplace(t)
  const wrong = { ...RULES, mode: 'on', action: { close: false }, exclusions: [{}] }
  const { code, stderr } = await place.run(['import', write(place, 'a.example', wrong)])
  t.equal(code, 1)
  t.match(stderr, /RLW:WAF a\.example: .*mode: /)
  t.match(stderr, /action/)
  t.match(stderr, /exclusions\[0\]: name a rule/)
  t.equal(await place.reliw('keys'), '')
})

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString()
}
