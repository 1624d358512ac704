import t from 'tap'
import { startPressureProcess } from './pressure-process.ts'

/** Of what a busy machine may bring about by itself. */
const QUIET = { max_event_loop_delay: 0 }

t.test('memory that nobody holds ends the pressure, though the allocator keeps it', async (t) => {
  const process = await startPressureProcess(t, { ...QUIET, max_rss: '300MiB' })
  process.send('take buffers')
  t.equal((await process.until({ level: 'overloaded' })).resource, 'rss')
  t.ok(await process.until({ isShort: true }), 'relieve is called')
  process.send('drop buffers')
  const fallen = await process.until({ level: 'normal' })
  t.ok((fallen.shares?.rss ?? 1) < 0.8)
  process.send('take buffers')
  t.equal((await process.until({ level: 'overloaded' })).resource, 'rss', 'it counts again')
})

t.test('memory that nobody holds ends a pressure that refuses nothing yet', async (t) => {
  const process = await startPressureProcess(t, { ...QUIET, max_rss: '600MiB' })
  process.send('take 92 %')
  t.equal((await process.until({ level: 'reduced' })).resource, 'rss')
  process.send('drop buffers')
  const fallen = await process.until({ level: 'normal' })
  t.ok((fallen.shares?.rss ?? 1) < 0.8)
})

t.test(
  'garbage ends the pressure on the heap: it is collected though nothing is allocated',
  async (t) => {
    const process = await startPressureProcess(t, QUIET, ['--max-old-space-size=256'])
    process.send('fill heap')
    t.equal((await process.until({ level: 'overloaded' })).resource, 'heap')
    process.send('drop buffers')
    t.equal((await process.until({ level: 'normal' })).isReduced, false)
  }
)
