import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const PROGRAM = fileURLToPath(new URL('fixtures/ticks.ts', import.meta.url))
const run = promisify(execFile)

/** Least nanoseconds of a tick, of several programs: what a busy machine adds is in none of the least. */
async function least(...args: string[]): Promise<number> {
  const times: number[] = []
  for (let start = 0; start < 2; start++) {
    const { stdout } = await run(process.execPath, ['--expose-gc', PROGRAM, ...args])
    times.push(Number(stdout))
  }
  return Math.min(...times)
}

// If this fails, node has been mended and `holdTickObject` can go, or it has ceased to help.
t.test(
  'an early collection makes ticks several times dearer, unless one tick object is held',
  async (t) => {
    const [held, lost] = [await least('hold'), await least()]
    t.ok(lost > 2 * held, `${Math.round(lost)} ns without, ${Math.round(held)} ns with it`)
  }
)
