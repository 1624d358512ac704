// What happens when the disk that the embedded store lies on is full.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRaw, tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { createWorkplace } from './run-cli.ts'

/** Mounts a file system of 2 MiB; undefined where nobody may. */
function mountSmallDisk(t: Test): string | undefined {
  const dir = join(tempDir(t), 'disk')
  mkdirSync(dir)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir], { stdio: 'ignore' })
  } catch {
    rmdirSync(dir)
    return undefined
  }
  t.teardown(() => execFileSync('umount', ['-l', dir]))
  return dir
}

function fill(disk: string): void {
  try {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(4_000_000))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

t.test('a command says in one sentence that the disk is full, and a server goes on', async (t) => {
  const disk = mountSmallDisk(t)
  if (disk === undefined) {
    t.pass('a full disk', { skip: 'needs the right to mount a file system' })
    return
  }
  const dir = join(disk, 'store')
  const place = createWorkplace(t, { store: { dir } })
  await place.reliw('set', 'API:a.example', '[["^/", "x"]]')
  await place.reliw(
    'set',
    'API:a.example:x',
    '{"methods": {"GET": true}, "rate_limit": {"GET": {"limit": 1000, "period": 60}}}'
  )
  await place.reliw('set', 'FILES:a.example:/a', 'content', 'kept')
  const served = await place.serve()
  const ask = async (): Promise<string> => {
    const client = openRaw(served.port)
    client.write('GET /a HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n')
    return client.readToEnd()
  }
  t.match(await ask(), /^HTTP\/1.1 200 [^]*kept$/)
  fill(disk)
  for (const args of [
    ['set', 'DATA:a.example:x', 'small'],
    ['set', 'FILES:a.example:/b', 'content', 'small'],
    ['ban', '192.0.2.1']
  ]) {
    const { code, stdout, stderr } = await place.runAlone(args)
    const expected = `The store refused the write: ${dir}: the disk is full\n`
    t.strictSame(
      { code, stdout, stderr },
      { code: 1, stdout: '', stderr: expected },
      args.join(' ')
    )
  }
  t.equal(await place.reliw('get', 'FILES:a.example:/a', 'content'), 'kept')
  for (let count = 0; count < 5; count++) t.match(await ask(), /^HTTP\/1.1 200 [^]*kept$/)
  const { code, stderr } = await place.runAlone(['del', 'FILES:a.example:/none-of-it'])
  t.strictSame(
    { code, stderr },
    { code: 1, stderr: 'RLW:FILES:a.example:/none-of-it does not exist in the store.\n' }
  )
  const deletion = await place.runAlone(['del', 'API:a.example:x'])
  t.notMatch(deletion.stderr, /unsettled|at .*:\d+:\d+\)$/, 'deleting is tried, and ends')
  rmSync(join(disk, 'filler'))
  await place.reliw('set', 'FILES:a.example:/a', 'content', 'again')
  t.match(await ask(), /^HTTP\/1.1 200 [^]*again$/)
  t.equal(await served.stop(), 0)
})
