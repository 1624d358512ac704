import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

const GET = { methods: { GET: true } }

t.test('`set` refuses invalid settings of files, and those without effect', async (t) => {
  const { run } = createWorkplace(t)
  const refused: [key: string, value: object, said: RegExp][] = [
    [
      'API:a.example:x',
      { ...GET, file: '/x', fallback: '/y' },
      /fallback: no effect beside "file"/
    ],
    ['API:a.example:x', { ...GET, file: '/x', listing: true }, /listing: no effect beside "file"/],
    [
      'API:a.example:x',
      { ...GET, proxy: { target: 'a' }, fallback: '/y', listing: true },
      /fallback: no effect beside "proxy".*listing: no effect beside "proxy"/
    ],
    ['API:a.example:x', { ...GET, fallback: { fil: '/y' } }, /fallback.*did you mean "file"\?/],
    ['API:a.example:x', { ...GET, index: [] }, /index/],
    ['API:a.example:x', { ...GET, index: Array.from({ length: 9 }, (_, at) => `${at}`) }, /index/],
    [
      'SITE:a.example',
      { error_pages: { '6xx': '/x' } },
      /error_pages\.6xx: expected a status.*"5xx"/
    ],
    ['SITE:a.example', { error_pages: { 404: '' } }, /error_pages/],
    ['SITE:a.example', { access_log: '../x.log' }, /access_log: .*access_log_dir/],
    ['SITE:a.example', { access_log: '/x' }, /access_log: .*access_log_dir/],
    ['SITE:a.example', { max_body_size: -1 }, /max_body_size/]
  ]
  for (const [key, value, said] of refused) {
    const outcome = await run(['set', key, JSON.stringify(value)])
    t.match(outcome, { code: 1, stderr: said }, JSON.stringify(value))
  }
})

t.test('settings of files are checked, exported and imported', async (t) => {
  const { run, reliw, dir } = createWorkplace(t)
  const site = {
    host: 'a.example',
    routes: [['^/', 'x']],
    entries: { x: { ...GET, index: ['a', 'b'], fallback: 'shell.html', listing: true } },
    settings: { error_pages: { 404: 'lost.html' }, max_body_size: '1MiB', access_log: 'a.log' },
    files: { 'shell.html': 'shell', 'lost.html': 'lost' }
  }
  mkdirSync(join(dir, 'a.example'))
  writeFileSync(join(dir, 'a.example/site.json'), JSON.stringify(site))
  const imported = await run(['import', join(dir, 'a.example')])
  t.match(imported, { code: 0, stderr: '' }, 'no file is reported as unused')
  const checked = await run(['check', '--store'])
  t.match(checked, {
    code: 1,
    stderr: 'RLW:SITE:a.example: access_log: no effect without "access_log_dir" in the config\n'
  })
  await reliw('set', 'SITE:a.example', '{"error_pages":{"404":"lost.html"},"access_log":false}')
  t.match(await run(['check', '--store']), { code: 0, stderr: '' })
  await reliw('export', 'a.example', '--out', join(dir, 'out'))
  const exported = JSON.parse(
    readFileSync(join(dir, 'out/a.example/site.json'), 'utf8')
  ) as typeof site
  t.match(exported, {
    entries: site.entries,
    settings: { error_pages: { 404: 'lost.html' }, access_log: false }
  })
})
