import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { Take } from '@reliw/model'
import { tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openStore } from '../src/index.ts'
import { openFor } from './contract.ts'

const take: Take = { key: 'RLW:LIMITS:a:x', algorithm: 'fixed', limit: 9, period: 60_000 }

/** Mounts a file system, for root to be refused too. */
function mountDisk(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dir], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A directory with a store, and how to take away the right to write to it; nothing where that cannot be done. */
function startWritable(t: Test): { dir: string; freeze: () => void } | undefined {
  const dir = tempDir(t)
  if (process.getuid?.() !== 0)
    return { dir, freeze: () => chmodSync(join(dir, 'data.mdb'), 0o400) }
  if (!mountDisk(dir)) return undefined
  t.teardown(() => execFileSync('umount', ['-l', dir]))
  return { dir, freeze: () => execFileSync('mount', ['-o', 'remount,ro', dir]) }
}

t.test('a read-only store refuses a use, as it does any write', async (t) => {
  const place = startWritable(t)
  if (place === undefined) return t.comment('root may write everywhere, and may not mount')
  const writable = await openStore({ dir: place.dir })
  t.equal((await writable.driver.take([take]))[0]?.remaining, 8)
  await writable.close()
  place.freeze()
  const { driver } = await openFor(t, { dir: place.dir })
  t.equal(String(await driver.get(take.key)), '1')
  await t.rejects(driver.take([take]), { code: 'RELIW_STORE_WRITE_FAILED', message: /read-only/ })
})

t.test('a budget outlives the process that used it', async (t) => {
  const dir = tempDir(t)
  for (const remaining of [8, 7]) {
    const store = await openStore({ dir })
    t.equal((await store.driver.take([take]))[0]?.remaining, remaining)
    await store.close()
  }
})

t.test('a key that is too long is refused, and nothing is used', async (t) => {
  const { driver } = await openFor(t, { dir: tempDir(t) })
  const long = { ...take, key: `${take.key}${'x'.repeat(8000)}` }
  await t.rejects(driver.take([take, long]), { code: 'RELIW_STORE_WRITE_FAILED' })
  t.equal((await driver.take([take]))[0]?.remaining, 8)
})
