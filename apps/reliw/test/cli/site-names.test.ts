import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const ROUTES = '[[".*", "all"]]'
const ENTRY = '{"methods": {"GET": true}, "index": "index.html"}'

t.test('a name that another site has is refused, and check reports it', async (t) => {
  const { run, reliw } = createWorkplace(t)
  const refused = async (key: string, value: object, why: RegExp): Promise<void> => {
    t.match(await run(['set', key, JSON.stringify(value)]), { code: 1, stderr: why }, key)
  }
  await reliw('set', 'API:b.example:all', ENTRY)
  await reliw('set', 'API:b.example', ROUTES)
  await reliw('set', 'SITE:b.example', '{"aliases": ["www.b.example", "*"]}')
  await refused(
    'SITE:a.example',
    { aliases: ['x', 'b.example'] },
    /SITE:a\.example: aliases\[1\]: no effect: "b\.example" is a site of its own/
  )
  await refused(
    'SITE:a.example',
    { redirect_aliases: ['*'] },
    /redirect_aliases\[0\]: "\*" is listed in RLW:SITE:b\.example: remove it there first/
  )
  await refused('SITE:a.example', { aliases: ['WWW.x'] }, /did you mean "www\.x"\?/)
  t.match(await run(['check', '--store']), { code: 0 })

  const taken = { aliases: ['www.b.example'], redirect_aliases: ['b.example'] }
  await reliw('set', '--no-check', 'SITE:c.example', JSON.stringify(taken))
  await reliw('set', '--no-check', 'USERS:www.b.example', 'joe', '{"pass":"x","salt":"y"}')
  const { code, stdout } = await run(['check', '--store', '--json'])
  t.equal(code, 1)
  const found = JSON.parse(stdout) as { mistakes: string[]; warnings: string[] }
  t.match(found.mistakes.toSorted(), [
    /SITE:c\.example: aliases\[0\]: no effect: "www\.b\.example" is listed in RLW:SITE:b\.example/,
    /SITE:c\.example: redirect_aliases\[0\]: no effect: "b\.example" is a site of its own/
  ])
  t.match(found.warnings.join('\n'), /USERS:www\.b\.example: unused: .* is an alias of b\.example/)
})

t.test('a wildcard site is exported and imported', async (t) => {
  const { run, reliw, dir } = createWorkplace(t)
  await reliw('set', 'API:*.example.org:all', ENTRY)
  await reliw('set', 'API:*.example.org', ROUTES)
  await reliw('set', 'SITE:*.example.org', '{"redirect_aliases": ["*.example.net"]}')
  await reliw('set', 'FILES:*.example.org:/index.html', 'content', 'a tenant')
  t.match(await run(['user', 'add', '*.example.org', 'joe'], 'password of joe\n'), { code: 0 })
  const out = join(dir, 'out')
  const said = await reliw('export', '*.example.org', '--out', out)
  t.equal(said, `*.example.org: ${out}/_.example.org\n`)
  const document = readFileSync(join(out, '_.example.org/site.json'), 'utf8')
  t.match(JSON.parse(document), { host: '*.example.org', users: { joe: {} } })
  const before = await reliw('keys')
  for (const key of before.trim().split('\n')) await run(['del', key])
  t.equal(await reliw('keys'), '')
  t.equal(await reliw('import', out), '*.example.org: imported, 1 file\n')
  t.equal(await reliw('keys'), before)
  t.match(await run(['waf', 'set', '*.example.org', '{"query":["attack"]}']), { code: 0 })
  const tested = await run(['waf', 'test', '--host', 'a.b.example.org', '--url', '/?attack'])
  t.match(tested.stdout, /block/i, 'the rules of the site of the host')
})
