import { guarded } from '@reliw/options'
import { fail } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

test('a fault in a callback is logged, whatever its guard does', async (t) => {
  const { line } = await startServer(t, {})
  const ended: unknown[] = []
  guarded(fail, (error) => ended.push(error))()
  guarded(fail, () => undefined)()
  t.equal(ended.length, 1)
  t.match(await line({ msg: 'callback failed' }), {
    level: 50,
    err: { message: 'thrown on purpose' }
  })
})
