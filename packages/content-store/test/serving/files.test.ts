import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { HOST, startSite } from './start-site.ts'

for (const raw of [true, false]) {
  t.test(
    `the store comes before the host’s folder, and that before __ (raw: ${raw})`,
    async (t) => {
      const site = await startSite(t, { raw })
      site.write('/__/a.txt', 'for all')
      t.equal((await site.get('/a.txt')).text, 'for all')
      site.write('a.txt', 'of the host')
      t.equal((await site.get('/a.txt')).text, 'of the host')
      await site.hset(`FILES:${HOST}:/a.txt`, { content: 'stored', mime: 'text/x-stored' })
      const stored = await site.get('/a.txt')
      t.match(stored, { text: 'stored', headers: { 'content-type': 'text/x-stored' } })
      await site.hset(`FILES:${HOST}:/a.txt`, { content: 'again' })
      t.equal((await site.get('/a.txt')).text, 'again')
      await site.delete(`FILES:${HOST}:/a.txt`)
      t.equal((await site.get('/a.txt')).text, 'of the host')
    }
  )
}

t.test('a symbolic link is followed inside the root only, and always current', async (t) => {
  const site = await startSite(t)
  const outside = join(tempDir(t), 'secret')
  const real = site.write('real.txt', 'one')
  site.write('/other.example/x.txt', 'other site')
  const root = join(site.dir, HOST)
  symlinkSync('real.txt', join(root, 'link.txt'))
  symlinkSync(outside, join(root, 'out.txt'))
  symlinkSync('../other.example', join(root, 'side'))
  symlinkSync('/etc', join(root, 'etc'))
  t.equal((await site.get('/link.txt')).text, 'one')
  site.write('real.txt', 'two')
  t.equal((await site.get('/link.txt')).text, 'two')
  renameSync(site.write('new.txt', 'three'), real)
  t.equal((await site.get('/link.txt')).text, 'three')
  for (const path of ['/out.txt', '/side/x.txt', '/etc/passwd', '/etc', '/etc/']) {
    t.equal((await site.get(path)).status, 404, path)
  }
})

t.test('the host’s folder may be a symbolic link, and be changed to another folder', async (t) => {
  const site = await startSite(t)
  const releases = tempDir(t)
  for (const name of ['one', 'two']) {
    mkdirSync(join(releases, name, 'public'), { recursive: true })
    writeFileSync(join(releases, name, 'public/a.txt'), name)
  }
  link('one', join(releases, 'current'))
  link(join(releases, 'current/public'), join(site.dir, HOST))
  t.equal((await site.get('/a.txt')).text, 'one')
  t.equal((await site.get('/a.txt')).text, 'one')
  link('two', join(releases, 'current'))
  t.equal((await site.get('/a.txt')).text, 'two', 'a link in the path to it')
  link(join(releases, 'one/public'), join(site.dir, HOST))
  t.equal((await site.get('/a.txt')).text, 'one', 'the folder itself')
})

t.test('names that begin with a dot are not found, except /.well-known/', async (t) => {
  const site = await startSite(t)
  const hidden = ['.env', '.git/config', 'a/.b', 'a/.well-known/x', '.well-known/.x']
  for (const name of hidden) {
    site.write(name, 'secret')
    t.equal((await site.get(`/${name}`)).status, 404, name)
  }
  site.write('.well-known/security.txt', 'contact')
  t.match(await site.get('/.well-known/security.txt'), { status: 200, text: 'contact' })
})

t.test(
  'a directory is not found, or redirects to its path with a slash if it has an index',
  async (t) => {
    const site = await startSite(t)
    site.write('dir/index.html', 'index')
    site.write('evil.example/index.html', 'index')
    site.write('q?#ä/index.html', 'index')
    const location = async (path: string) => {
      const { status, headers } = await site.get(path)
      return [status, headers.location]
    }
    t.same(await location('/dir'), [301, '/dir/'])
    t.same(await location('/dir?a=1&b=/x'), [301, '/dir/?a=1&b=/x'])
    t.same(await location('//evil.example'), [301, '/evil.example/'])
    t.same(await location('///evil.example?x'), [301, '/evil.example/?x'])
    t.same(await location('/q%3F%23%C3%A4'), [301, '/q%3F%23%C3%A4/'])
    t.equal((await site.get('/dir/')).text, 'index')
    await site.set({ [`API:${HOST}:all`]: { methods: { GET: true } } })
    t.equal((await site.get('/dir')).status, 404)
    t.equal((await site.get('/dir/')).status, 404)
  }
)

t.test('a path without a regular file is not found, and blocks no request', async (t) => {
  const site = await startSite(t)
  site.write('a.txt', 'text')
  execFileSync('mkfifo', [join(site.dir, HOST, 'pipe')])
  symlinkSync('/dev/zero', join(site.dir, HOST, 'zero'))
  symlinkSync('loop', join(site.dir, HOST, 'loop'))
  for (const path of ['/pipe', '/zero', '/loop', '/a.txt/', '/a.txt/b', `/${'x'.repeat(300)}`]) {
    t.equal((await site.get(path)).status, 404, path)
  }
})

t.test('a file without read permission is an error, until it has it', async (t) => {
  const site = await startSite(t)
  const file = site.write('a.txt', 'text')
  chmodSync(file, 0)
  chmodSync(site.dir, 0o755)
  const unreadable = await asNobody(() => site.get('/a.txt'))
  t.equal(unreadable.status, 500)
  t.notMatch(unreadable.text, /read|a\.txt/)
  t.match(site.log, [{ level: 50, content: { reason: 'the file cannot be read' } }])
  chmodSync(file, 0o644)
  t.equal((await asNobody(() => site.get('/a.txt'))).text, 'text')
})

/** Root may read everything. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  const user = process.geteuid?.()
  if (user !== 0) return act()
  process.seteuid?.(65_534)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}

/** Makes a symbolic link what it is from now on, at once. */
function link(target: string, name: string): void {
  symlinkSync(target, `${name}.new`)
  renameSync(`${name}.new`, name)
}
