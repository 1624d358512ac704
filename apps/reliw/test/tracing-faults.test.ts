import { channel } from 'node:diagnostics_channel'
import { test } from 'tap'
import { Attempts } from '../src/tracing/attempts.ts'

test('attempts that cannot be recorded are told of once', async (t) => {
  const faults: unknown[] = []
  const attempts = new Attempts(
    () => {
      throw new Error('no span')
    },
    (fault) => faults.push(fault)
  )
  t.teardown(() => attempts.close())
  const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), parentSpanId: undefined }
  attempts.expect('a', { ids, method: 'GET' })
  for (let round = 0; round < 3; round++)
    channel('reliw.upstream.attempt').publish({ requestId: 'a' })
  t.match(faults, [{ message: 'no span' }])
  t.equal(faults.length, 1)
})
