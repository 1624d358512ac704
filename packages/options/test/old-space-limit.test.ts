import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { oldSpaceLimit } from '../src/old-space-limit.ts'

const MIB = 2 ** 20
const MODULE = join(import.meta.dirname, '../src/old-space-limit.ts')

t.test('the last option that names a size counts', async (t) => {
  const asked = '--max-old-space-size=100 --inspect --max_old_space_size=200'
  t.equal(oldSpaceLimit(asked, 9_000 * MIB), 200 * MIB)
})

t.test('a percentage is of the memory there is, and counts before a size', async (t) => {
  const asked = '--max-old-space-size-percentage=12.5 --max-old-space-size=100'
  t.equal(oldSpaceLimit(asked, 9_000 * MIB, 1_000 * MIB), 125 * MIB)
})

t.test('an option that says something else is not heard', async (t) => {
  const asked = '--max-old-space-size=0 --x--max-old-space-size=3 --max-old-space-size=3x'
  t.equal(oldSpaceLimit(asked, 4_288 * MIB), 4_096 * MIB)
})

t.test('the space of young objects is taken off as V8 added it', async (t) => {
  // Heap size limits as Node 24 has them on machines of 0.5, 1, 2 and 24 GiB.
  for (const [heap, old] of [
    [259, 256],
    [560, 512],
    [1_120, 1_024],
    [4_288, 4_096]
  ] as const) {
    t.equal(Math.round(oldSpaceLimit('', heap * MIB) / MIB), old)
  }
  t.equal(oldSpaceLimit('--max-semi-space-size=16', 4_144 * MIB), 4_096 * MIB)
})

t.test('the options of this process are asked', async (t) => {
  const source = `import(process.argv[1]).then((m) => console.log(m.oldSpaceLimit()))`
  const limit = (options: string[], environment: string): number => {
    const node = [process.execPath, ...options, '--input-type=module', '-e', source, MODULE]
    const args = [`NODE_OPTIONS=${environment}`, ...node]
    return Number(spawnSync('env', args, { encoding: 'utf8' }).stdout)
  }
  t.equal(limit([], '--max-old-space-size=123'), 123 * MIB)
  t.equal(limit(['--max-old-space-size=77'], '--max-old-space-size=123'), 77 * MIB)
})
