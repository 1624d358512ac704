import { guarded } from '@reliw/options'
import { test } from 'tap'
import { startServer } from './start-server.ts'

function fail(): void {
  throw new Error('a fault of ours')
}

test('a fault in a callback is logged, whatever its guard does', async (t) => {
  const { line } = await startServer(t, {})
  const ended: unknown[] = []
  guarded(fail, (error) => ended.push(error))()
  guarded(fail, () => undefined)()
  t.equal(ended.length, 1)
  t.match(await line({ msg: 'callback failed' }), {
    level: 50,
    err: { message: 'a fault of ours' }
  })
})
