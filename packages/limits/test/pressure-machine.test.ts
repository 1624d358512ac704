import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { tempDir, waitFor, type TestContext } from '@reliw/testing'
import t from 'tap'
import { readMachineLimits } from '../src/pressure/machine-limits.ts'
import { countEntries, OpenFiles } from '../src/pressure/open-files.ts'
import { anonymousMemory, openFilesLimit } from '../src/pressure/proc-text.ts'
import { ProcessMemory } from '../src/pressure/process-memory.ts'

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                96365                processes
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
`
const onLinux = { skip: process.platform === 'linux' ? false : 'there is no /proc' }

/** A machine as it shows itself in files. */
function createMachine(t: TestContext, files: Record<string, string>): string {
  const root = tempDir(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

t.test('mapped files are not counted as memory in use', async (t) => {
  const status =
    'VmRSS:\t  9000 kB\nRssAnon:\t    1000 kB\nRssFile:\t 7000 kB\nRssShmem:\t   24 kB\n'
  t.equal(anonymousMemory(status), 1024 * 1024)
  t.equal(anonymousMemory('VmRSS:\t  9000 kB\n'), undefined)
  t.equal(anonymousMemory('RssAnon:\t    1000 kB\nRssShmem:\t 2'), undefined, 'cut off')
  t.equal(anonymousMemory(''), undefined)
})

t.test('the limit of open files is the soft one', async (t) => {
  t.equal(openFilesLimit(LIMITS), 1024)
  t.equal(openFilesLimit(LIMITS.replace('1024     ', 'unlimited')), undefined)
  t.equal(openFilesLimit(''), undefined)
})

t.test('the limits of the machine are those of its files', async (t) => {
  const root = createMachine(t, {
    'proc/self/cgroup': '0::/a\n',
    'proc/self/limits': LIMITS,
    'sys/fs/cgroup/a/memory.max': '4096000\n'
  })
  t.strictSame(await readMachineLimits(root), { memory: 4_096_000, openFiles: 1024 })
})

t.test('without /proc only the memory of the machine is known', async (t) => {
  const limits = await readMachineLimits(tempDir(t))
  t.strictSame(limits, { memory: totalmem(), openFiles: undefined })
  t.equal(new OpenFiles(join(tempDir(t), 'fd')).read(), undefined)
})

t.test('the limits of this machine are read', onLinux, async (t) => {
  const { memory, openFiles } = await readMachineLimits()
  t.ok(memory > 0 && memory <= totalmem())
  t.equal(openFiles, openFilesLimit(readFileSync('/proc/self/limits', 'utf8')))
})

t.test('the memory of this process is read without mapped files until closed', async (t) => {
  const memory = new ProcessMemory()
  t.teardown(() => memory.close())
  t.equal(memory.isAnonymous, process.platform === 'linux')
  const before = memory.read() ?? 0
  const buffer = Buffer.alloc(64 * 2 ** 20, 1)
  t.ok((memory.read() ?? 0) > before + buffer.length / 2)
  memory.close()
  memory.close()
})

t.test('where memory without mapped files is unknown, mapped files are included', async (t) => {
  const root = createMachine(t, { status: 'VmRSS:\t  9000 kB\n' })
  for (const name of ['status', 'missing']) {
    const memory = new ProcessMemory(join(root, name))
    t.equal(memory.isAnonymous, false)
    t.ok((memory.read() ?? 0) > 2 ** 20)
    memory.close()
  }
})

t.test('open files are counted, by listing them where there is no count', onLinux, async (t) => {
  const before = (await countEntries('/proc/self/fd')) ?? 0
  const files = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'))
  t.teardown(() => files.forEach((file) => closeSync(file)))
  t.equal(await countEntries('/proc/self/fd'), before + 20)
  // It has an entry for each open file too, and no size on any kernel.
  const listed = new OpenFiles('/proc/self/fdinfo')
  t.equal(listed.read(), undefined, 'not known before the first list')
  await waitFor(() => listed.read() === before + 20, 'a list')
  const counted = new OpenFiles()
  await waitFor(() => counted.read() === before + 20, 'the count')
})
