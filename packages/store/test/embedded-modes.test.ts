import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openStore } from '../src/index.ts'

const isRoot = process.getuid?.() === 0
const asRoot = isRoot ? {} : { skip: 'needs the right to be another user' }
const NOBODY = 65_534

/** File → mode, in octal. */
function modesIn(dir: string): Record<string, string> {
  const modes = readdirSync(dir).map((name) => {
    const { mode } = statSync(join(dir, name))
    return [name, (mode & 0o777).toString(8)] as const
  })
  return Object.fromEntries(modes)
}

const OWN = { 'data.mdb': '600', 'lock.mdb': '600' }

function openDirectory(t: Test): string {
  const dir = join(tempDir(t), 'store')
  mkdirSync(dir)
  chmodSync(dir, 0o755)
  return dir
}

async function openOnce(dir: string): Promise<string[]> {
  const lines: string[] = []
  const tell = (fields: unknown, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  const store = await openStore({ dir }, { info() {}, warn: tell, error: tell })
  await store.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: '1' }])
  await store.close()
  return lines
}

t.test('files of a store are their owner’s alone, in a directory that is for all', async (t) => {
  const dir = openDirectory(t)
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  t.same(await openOnce(dir), [])
  t.same(modesIn(dir), OWN)
  t.equal((statSync(dir).mode & 0o777).toString(8), '755', 'which is left as it is')
})

t.test('files accessible to others become private at the start, and the log says so', async (t) => {
  const dir = openDirectory(t)
  await openOnce(dir)
  for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o644)
  const lines = await openOnce(dir)
  t.same(modesIn(dir), OWN)
  t.equal(lines.length, 2)
  for (const line of lines) t.match(line, /accessible to other users .*(data|lock)\.mdb/)
  t.same(await openOnce(dir), [], 'once')
})

t.test(
  'a store accessible to others whose mode cannot be changed is refused',
  asRoot,
  async (t) => {
    const dir = openDirectory(t)
    await openOnce(dir)
    chmodSync(join(dir, 'data.mdb'), 0o644)
    chmodSync(join(dir, 'lock.mdb'), 0o644)
    chmodSync(join(dir, '..'), 0o755)
    const child = fork(new URL('open-as.ts', import.meta.url), [dir, String(NOBODY)], {
      execArgv: ['--conditions=@reliw/source']
    })
    const [said] = (await once(child, 'message')) as [string]
    t.match(said, /data\.mdb is accessible to other users \(mode 644\), .*EPERM/)
  }
)

t.test('security: a world-writable directory is reported at each start', async (t) => {
  const dir = openDirectory(t)
  chmodSync(dir, 0o777)
  for (let start = 0; start < 2; start++) {
    const lines = await openOnce(dir)
    t.equal(lines.length, 1)
    t.match(lines[0], /^the directory of the store is writable by all users .*chmod o-w/)
  }
  chmodSync(dir, 0o775)
  t.same(await openOnce(dir), [])
})

t.test(
  'a store that is opened a second time in a process keeps its readers in all of them',
  async (t) => {
    const dir = openDirectory(t)
    const first = await openStore({ dir })
    t.teardown(() => first.close())
    await first.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: '1' }])
    const second = await openStore({ dir })
    await second.close()
    const child = fork(new URL('open-as.ts', import.meta.url), [dir, String(process.getuid?.())], {
      execArgv: ['--conditions=@reliw/source']
    })
    await once(child, 'message')
    t.equal(String(await first.driver.get('RLW:DATA:a:x')), '1')
  }
)

t.test(
  'security: a link in the place of a file is refused, and where it leads to is left',
  async (t) => {
    const dir = openDirectory(t)
    const other = join(dir, '..', 'other')
    writeFileSync(other, 'x', { mode: 0o644 })
    symlinkSync(other, join(dir, 'lock.mdb'))
    await t.rejects(openOnce(dir), /lock\.mdb is a symbolic link/)
    t.equal((statSync(other).mode & 0o777).toString(8), '644')
  }
)
