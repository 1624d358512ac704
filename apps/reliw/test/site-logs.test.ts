import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, waitFor } from '@reliw/testing'
import { pino } from 'pino'
import t from 'tap'
import { SiteLogs } from '../src/site-logs.ts'
import { createLogPlace, linesIn } from './cli/log-place.ts'
import { openSites } from './site-writer.ts'
import { startServer } from './start-server.ts'
import { ask } from './cli/serving.ts'

t.test('the requests of a site are logged in its own file, or nowhere', async (t) => {
  const place = await createLogPlace(t, { access_log_dir: 'sites', store: { dir: 'store' } })
  const server = await place.start()
  const set = await openSites(t, { dir: join(place.dir, 'store') }, {})
  const own = join(place.dir, 'sites', 'a.log')
  const request = async (path: string, host: string) => ask(place.port, path, { host })
  await set('SITE:a.example', { access_log: 'a.log' })
  await set('SITE:b.example', { access_log: false })
  await request('/one', 'a.example')
  await request('/silent', 'b.example')
  await request('/common', 'c.example')
  await waitFor(() => paths(own).length === 1, 'the line of the site')
  await waitFor(() => paths(place.file).includes('/common'), 'the line of another one')
  t.match(linesIn(own), [{ vhost: 'a.example', path: '/one', status: 404, msg: 'request' }])

  renameSync(own, `${own}.1`)
  await request('/two', 'a.example')
  server.kill('SIGUSR2')
  await waitFor(() => linesIn(place.file).some(({ msg }) => msg === 'log file reopened'), 'it')
  await request('/three', 'a.example')
  await waitFor(() => paths(own).length === 1, 'the new file')
  t.same(paths(own), ['/three'])
  t.same(paths(`${own}.1`), ['/one', '/two'])

  await set('SITE:a.example', { access_log: true })
  await set('SITE:b.example', { access_log: 'a.log' })
  await request('/four', 'a.example')
  await request('/five', 'b.example')
  server.kill('SIGTERM')
  await waitFor(() => linesIn(place.file).some(({ msg }) => msg === 'closed'), 'the end')
  t.same(paths(own), ['/three', '/five'], 'flushed at the end')
  t.ok(paths(place.file).includes('/four'))
  t.notOk(paths(place.file).includes('/silent'))
  t.notOk(paths(place.file).includes('/one'))
  t.same(readdirSync(join(place.dir, 'sites')).toSorted(), ['a.log', 'a.log.1'])
})

t.test('without a folder for it, or with a wrong name, lines go to the log', async (t) => {
  const { port, set, log, line } = await startServer(t, {
    'SITE:a.example': { access_log: 'a.log' }
  })
  await ask(port, '/one')
  await line({ msg: 'request', path: '/one' })
  await line({ msg: 'access_log has no effect without access_log_dir', access_log: 'a.log' })
  await ask(port, '/two')
  await line({ msg: 'request', path: '/two' })
  t.equal(log.filter(({ msg }) => msg.startsWith('access_log')).length, 1)
  for (const name of ['../x', '/etc/x', '.hidden', 'a/b', '', 'x'.repeat(101), 'a\u0000b']) {
    await set('SITE:b.example', { access_log: name })
    await ask(port, `/wrong?${name.length}`, { host: 'b.example' })
    await line({ msg: 'request', path: `/wrong?${name.length}` })
  }
})

t.test(
  'open files are bounded, and lines of a file that cannot be opened are returned',
  async (t) => {
    const dir = tempDir(t)
    const said: string[] = []
    const logs = new SiteLogs(dir, pino({}, { write: (line: string) => void said.push(line) }))
    const opened = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(dir)).length
    let most = 0
    const names = Array.from({ length: 300 }, (_, at) => `${at}.log`)
    for (const round of [1, 2]) {
      for (const [at, name] of names.entries()) {
        t.ok(logs.write(name, `${round}\n`), name)
        most = Math.max(most, opened())
        if (at % 50 === 0) await logs.flush()
      }
    }
    await logs.flush()
    t.ok(most <= 192, `${most} files`)
    for (const name of names) t.equal(readFileSync(join(dir, name), 'utf8'), '1\n2\n', name)
    t.equal(logs.dropped, 0)

    mkdirSync(join(dir, 'folder.log'))
    t.equal(logs.write('folder.log', 'x\n'), false)
    t.equal(logs.write('folder.log', 'x\n'), false)
    t.equal(said.length, 1, 'reported once')
    logs.reopen()
    await logs.flush()
  }
)

/** The paths of the requests in a log. */
function paths(file: string): unknown[] {
  return linesIn(file)
    .filter(({ msg }) => msg === 'request')
    .map(({ path }) => path)
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
