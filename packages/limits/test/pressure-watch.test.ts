import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseOptions } from '@reliw/options'
import { fail, waitFor, type TestContext } from '@reliw/testing'
import t from 'tap'
import type * as z from 'zod'
import { PressureOptions } from '../src/pressure/options.ts'
import { startPressure, type PressureMonitor } from '../src/pressure/start-pressure.ts'

const ROOT = join(import.meta.dirname, '..')

function parse(options: PressureOptions): z.output<typeof PressureOptions> {
  return parseOptions('pressure', PressureOptions, options)
}

async function watch(t: TestContext, options: PressureOptions): Promise<PressureMonitor> {
  const watched = await startPressure(parse({ interval: '100ms', ...options }))
  t.teardown(() => watched.close())
  return watched
}

/** Waits until somebody who looks at the same times has done so a few times. */
async function awaitLooks(t: TestContext): Promise<void> {
  const { pressure } = await watch(t, {})
  for (let look = 0; look < 3; look++) {
    const { shares } = pressure
    await waitFor(() => pressure.shares !== shares, 'a look')
  }
}

t.test('by default there is one check per second, against the limits of the machine', async (t) => {
  t.strictSame(parse({}), {
    enabled: true,
    interval: 1_000,
    max_event_loop_delay: 1_000,
    max_event_loop_utilization: 0
  })
})

t.test('invalid options are refused', async (t) => {
  for (const options of [
    { interval: '99ms' },
    { interval: '61s' },
    { max_event_loop_utilization: 1.1 },
    { max_open_files: -1 },
    { max_open_files: 1.5 },
    { max_heaps: 1 }
  ]) {
    t.throws(() => parse(options), { code: 'RELIW_INVALID_OPTIONS' })
  }
})

t.test('each resource is a part of its limit', async (t) => {
  const { pressure } = await watch(t, {})
  t.strictSame(pressure.shares, {}, 'nothing is known before the first look')
  await waitFor(() => 'heap' in pressure.shares, 'a look')
  const expected = ['event_loop_delay', 'heap']
  if (process.platform === 'linux') expected.push('rss', 'open_files')
  t.strictSame(Object.keys(pressure.shares), expected)
  for (const share of Object.values(pressure.shares)) t.ok(share >= 0 && share <= 1, `${share}`)
})

t.test('limits of the operator come before those of the machine', async (t) => {
  const limits = { max_heap: 1, max_rss: 1, max_open_files: 1 }
  const { pressure } = await watch(t, limits)
  await waitFor(() => pressure.isOverloaded, 'a look')
  t.match(pressure.shares, { heap: 1, rss: 1 })
})

t.test('a limit of 0 is none', async (t) => {
  const limits = { max_heap: 0, max_rss: 0, max_open_files: 0, max_event_loop_delay: 0 }
  const { pressure } = await watch(t, { ...limits, max_event_loop_utilization: 1 })
  await waitFor(() => 'event_loop_utilization' in pressure.shares, 'a look')
  t.strictSame(Object.keys(pressure.shares), ['event_loop_utilization'])
})

t.test('a disabled monitor never checks', async (t) => {
  const { pressure } = await watch(t, { enabled: false })
  await awaitLooks(t)
  t.match(pressure, { level: 'normal', isReduced: false, isOverloaded: false })
  t.strictSame(pressure.shares, {})
})

t.test('a closed monitor does not check any more', async (t) => {
  const { pressure, close } = await watch(t, {})
  await waitFor(() => 'heap' in pressure.shares, 'a look')
  close()
  const { shares } = pressure
  await awaitLooks(t)
  t.equal(pressure.shares, shares)
})

/** Watches a process that is overloaded, and gathers what it is told of faults. */
async function watchFaults(
  t: TestContext,
  onChange: () => void,
  relieve: () => void
): Promise<PressureMonitor & { faults: unknown[] }> {
  const faults: unknown[] = []
  const settings = parse({ interval: '100ms', max_heap: 1 })
  const watched = await startPressure(settings, onChange, relieve, (fault) => faults.push(fault))
  t.teardown(() => watched.close())
  return { ...watched, faults }
}

t.test('failing checks are reported once, and reset the level', async (t) => {
  const { pressure, faults } = await watchFaults(t, fail, () => undefined)
  await waitFor(() => faults.length > 0, 'a look')
  await awaitLooks(t)
  t.match(faults, [{ message: 'thrown on purpose' }])
  t.equal(faults.length, 1)
  t.match(pressure, { level: 'normal', cause: undefined, isReduced: false, isOverloaded: false })
})

t.test('a failing relief is reported, and the checks continue', async (t) => {
  const { pressure, faults } = await watchFaults(t, () => undefined, fail)
  await waitFor(() => faults.length > 0, 'a look')
  await awaitLooks(t)
  t.match(faults, [{ message: 'thrown on purpose' }])
  t.equal(pressure.isOverloaded, true)
})

t.test('a monitor does not keep a process running', async (t) => {
  const source = `
    import { PressureOptions } from './src/pressure/options.ts'
    import { startPressure } from './src/pressure/start-pressure.ts'
    await startPressure(PressureOptions.parse({}))
    console.log('started')
  `
  const args = ['--conditions=@reliw/source', '--input-type=module', '-e', source]
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 20_000 } as const
  const { status, stdout } = spawnSync(process.execPath, args, options)
  t.strictSame({ status, stdout }, { status: 0, stdout: 'started\n' })
})
