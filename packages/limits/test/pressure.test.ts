import t from 'tap'
import { startPressureProcess } from './pressure-process.ts'

/** Of what a busy machine may bring about by itself. */
const QUIET = { max_event_loop_delay: 0 }

t.test('open files near the limit overload it, until they are closed', async (t) => {
  const process = await startPressureProcess(t, QUIET, [], 128)
  process.send('open files')
  await process.until({ refused: 'EMFILE' })
  const risen = await process.until({ level: 'overloaded' })
  t.match(risen, { resource: 'open_files', share: 1, isReduced: true, isOverloaded: true })
  process.send('list files')
  t.ok(await process.until({ listed: 'Infinity' }), 'they cannot be listed for want of one')
  process.send('close files')
  const fallen = await process.until({ level: 'normal' })
  t.match(fallen, { isReduced: false, isOverloaded: false })
  t.ok((fallen.shares?.open_files ?? 1) < 0.8)
})

t.test('a small heap that fills is noticed before V8 ends the process', async (t) => {
  const options = ['--max-old-space-size=256', '--expose-gc']
  const process = await startPressureProcess(t, QUIET, options)
  process.send('fill heap')
  const risen = await process.until({ level: 'overloaded' })
  t.equal(risen.resource, 'heap')
  process.send('free memory')
  t.equal((await process.until({ level: 'normal' })).isReduced, false)
})

t.test('memory that is touched counts, memory that is freed does not', async (t) => {
  const options = { ...QUIET, max_rss: '250MiB' }
  const process = await startPressureProcess(t, options, ['--expose-gc'])
  process.send('touch 256 MiB')
  const risen = await process.until({ level: 'overloaded' })
  t.equal(risen.resource, 'rss')
  process.send('free memory')
  t.ok(((await process.until({ level: 'normal' })).shares?.rss ?? 1) < 0.8)
})

t.test('an event loop that comes late all the time is overloaded', async (t) => {
  const process = await startPressureProcess(t, { max_event_loop_delay: '20ms' })
  process.send('block loop')
  const risen = await process.until({ level: 'overloaded' })
  t.equal(risen.resource, 'event_loop_delay')
  process.send('free loop')
  t.equal((await process.until({ level: 'normal' })).isReduced, false)
})

t.test('a busy event loop counts only if enabled', async (t) => {
  const options = { ...QUIET, max_event_loop_utilization: 0.5 }
  const process = await startPressureProcess(t, options)
  process.send('block loop')
  const risen = await process.until({ level: 'overloaded' })
  t.equal(risen.resource, 'event_loop_utilization')
  process.send('free loop')
  t.equal((await process.until({ level: 'normal' })).isReduced, false)
})
