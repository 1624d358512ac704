import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { oldSpaceLimit } from '../src/old-space-limit.ts'

const MIB = 2 ** 20
/** Heap size limits of machines with 0.5, 0.75, 1, 2, 3 and 24 GiB, in MiB, and the old space in each. */
const HEAPS =
  Number.parseInt(process.versions.node, 10) < 26
    ? [
        [259, 256],
        [432, 384],
        [560, 512],
        [1_120, 1_024],
        [1_728, 1_536],
        [4_288, 4_096]
      ]
    : [
        [268, 256],
        [408, 384],
        [536, 512],
        [1_072, 1_024],
        [1_632, 1_536],
        [4_192, 4_096]
      ]
const MODULE = join(import.meta.dirname, '../src/old-space-limit.ts')

t.test('the last option that names a size counts', async (t) => {
  const asked = '--max-old-space-size=100 --inspect --max_old_space_size=200'
  t.equal(oldSpaceLimit(asked, 9_000 * MIB), 200 * MIB)
})

t.test('a percentage is of the memory there is, and counts before a size', async (t) => {
  const asked = '--max-old-space-size-percentage=12.5 --max-old-space-size=100'
  t.equal(oldSpaceLimit(asked, 9_000 * MIB, 1_000 * MIB), 125 * MIB)
})

t.test('other options are ignored', async (t) => {
  const asked = '--max-old-space-size=0 --x--max-old-space-size=3 --max-old-space-size=3x'
  t.equal(oldSpaceLimit(asked, 4_144 * MIB), oldSpaceLimit('', 4_144 * MIB))
})

t.test('the young space is subtracted as V8 added it', async (t) => {
  for (const [heap = 0, old] of HEAPS) {
    t.equal(oldSpaceLimit('', heap * MIB) / MIB, old)
  }
  t.equal(oldSpaceLimit('--max-semi-space-size=16', 4_144 * MIB), 4_096 * MIB)
})

t.test('the options of this process are read', async (t) => {
  const source = `import(process.argv[1]).then((m) => console.log(m.oldSpaceLimit()))`
  const limit = (options: string[], environment: string): number => {
    const node = [process.execPath, ...options, '--input-type=module', '-e', source, MODULE]
    const args = [`NODE_OPTIONS=${environment}`, ...node]
    return Number(spawnSync('env', args, { encoding: 'utf8' }).stdout)
  }
  t.equal(limit([], '--max-old-space-size=123'), 123 * MIB)
  t.equal(limit(['--max-old-space-size=77'], '--max-old-space-size=123'), 77 * MIB)
})
