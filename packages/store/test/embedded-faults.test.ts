import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openStore } from '../src/index.ts'
import { openFor } from './contract.ts'

const isRoot = process.getuid?.() === 0

/** Mounts a file system of 2 MiB, or of another size; `0` has no end, and says that it has no blocks. */
function mountSmallDisk(t: Test, size = '2m'): string {
  const dir = join(tempDir(t), 'disk')
  mkdirSync(dir)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir], { stdio: 'ignore' })
  t.teardown(() => execFileSync('umount', ['-l', dir]))
  return dir
}

function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'reliw-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dir], { stdio: 'ignore' })
    execFileSync('umount', ['-l', dir])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(dir)
  }
}

const smallDisk = canMount() ? {} : { skip: 'needs the right to mount a file system' }
const ordinaryUser = isRoot ? { skip: 'root may write everywhere' } : {}

t.test('a full disk refuses the write, says so, and reads go on', smallDisk, async (t) => {
  const dir = mountSmallDisk(t)
  const store = await openFor(t, { dir })
  const { driver } = store
  await driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'kept' }])
  const big = Buffer.alloc(4_000_000)
  await t.rejects(driver.write([{ op: 'set', key: 'RLW:DATA:a:big', value: big }]), {
    code: 'RELIW_STORE_WRITE_FAILED',
    message: /disk full/
  })
  t.equal(String(await driver.get('RLW:DATA:a:x')), 'kept')
  t.equal(await driver.get('RLW:DATA:a:big'), undefined)
  await driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'again' }])
  t.equal(String(await driver.get('RLW:DATA:a:x')), 'again')
})

t.test('a store on a full disk can be closed after a write that failed', smallDisk, async (t) => {
  const dir = mountSmallDisk(t)
  const store = await openStore({ dir: join(dir, 'store') })
  try {
    writeFileSync(join(dir, 'filler'), Buffer.alloc(4_000_000))
  } catch (error) {
    t.match(error, { code: 'ENOSPC' })
  }
  const value = Buffer.alloc(100_000)
  await t.rejects(store.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value }]), {
    code: 'RELIW_STORE_WRITE_FAILED',
    message: /store: is the disk full\?$/
  })
  await store.close()
  t.pass('it is closed')
})

t.test(
  'a probed disk that is full refuses values, and room is what it takes',
  smallDisk,
  async (t) => {
    const disk = mountSmallDisk(t)
    const dir = join(disk, 'store')
    const store = await openStore({ dir }, undefined, { probesDisk: true })
    t.teardown(() => store.close())
    const put = async (size: number): Promise<void> =>
      store.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: Buffer.alloc(size) }])
    await put(1000)
    const failure = { code: 'RELIW_STORE_WRITE_FAILED', message: `${dir}: the disk is full` }
    await t.rejects(put(2_000_000), failure)
    await put(200_000)
    t.throws(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(4_000_000)), { code: 'ENOSPC' })
    await t.rejects(put(1), failure)
    t.same(await store.driver.get('RLW:DATA:a:x'), Buffer.alloc(200_000))
    rmSync(join(disk, 'filler'))
    await put(1)
    t.same(readdirSync(dir).toSorted(), ['data.mdb', 'lock.mdb'], 'nothing of the probes is left')
  }
)

t.test('a probed file system that tells no number of blocks takes writes', smallDisk, async (t) => {
  const dir = join(mountSmallDisk(t, '0'), 'store')
  t.equal(statfsSync(join(dir, '..')).blocks, 0)
  const store = await openStore({ dir }, undefined, { probesDisk: true })
  t.teardown(() => store.close())
  await store.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'y' }])
  t.equal(String(await store.driver.get('RLW:DATA:a:x')), 'y')
})

t.test('a directory that cannot be made stops the start with its name', async (t) => {
  const file = join(tempDir(t), 'file')
  writeFileSync(file, '')
  await t.rejects(openStore({ dir: join(file, 'store') }), {
    code: 'RELIW_STORE_CANNOT_OPEN',
    message: new RegExp(file)
  })
})

t.test('written values are there when the store is opened again', async (t) => {
  const dir = tempDir(t)
  const first = await openStore({ dir })
  await first.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: '1' }])
  await first.close()
  const again = await openFor(t, { dir })
  t.equal(String(await again.driver.get('RLW:DATA:a:x')), '1')
})

t.test('a file that is not a store stops the start with its name', async (t) => {
  const dir = tempDir(t)
  writeFileSync(join(dir, 'data.mdb'), 'x'.repeat(10_000))
  await t.rejects(openStore({ dir }), { code: 'RELIW_STORE_CANNOT_OPEN', message: new RegExp(dir) })
})

t.test('a read-only store is read, and refuses writes', ordinaryUser, async (t) => {
  const dir = tempDir(t)
  const first = await openStore({ dir })
  await first.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: '1' }])
  await first.close()
  chmodSync(join(dir, 'data.mdb'), 0o400)
  const store = await openFor(t, { dir })
  t.equal(String(await store.driver.get('RLW:DATA:a:x')), '1')
  await t.rejects(store.driver.write([{ op: 'delete', key: 'RLW:DATA:a:x' }]), /read-only/)
})

t.test('a key that is too long does not exist, and is refused', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const key = store.keys.file('a.example', `/${'x'.repeat(8000)}`)
  t.equal(await store.driver.hash(key), undefined)
  t.equal(await store.driver.get(key), undefined)
  t.equal(await store.driver.hashField(key, 'content'), undefined)
  await t.rejects(store.driver.write([{ op: 'set', key, value: '1' }]), {
    code: 'RELIW_STORE_WRITE_FAILED'
  })
  await t.rejects(
    store.driver.write([{ op: 'hset', key: 'RLW:TITLES:a', fields: { [key]: 'x' } }]),
    {
      code: 'RELIW_STORE_WRITE_FAILED'
    }
  )
  await store.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'still works' }])
  t.equal(String(await store.driver.get('RLW:DATA:a:x')), 'still works')
})
