import { upstreamEvents } from '@reliw/http'
import { Publisher } from '@reliw/options'
import { test } from 'tap'
import { Attempts } from '../src/tracing/attempts.ts'

test('attempts that cannot be recorded are logged once', async (t) => {
  const faults: unknown[] = []
  const attempts = new Attempts(
    () => {
      throw new Error('no span')
    },
    (fault) => faults.push(fault)
  )
  const publisher = new Publisher()
  attempts.follow(publisher)
  t.teardown(() => attempts.close())
  const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), parentSpanId: undefined }
  attempts.expect('a', { ids, method: 'GET' })
  const of = { publisher, upstream: 'x', requestId: 'a', origin: '127.0.0.1:1' }
  for (let attempt = 1; attempt <= 3; attempt++)
    upstreamEvents.attempt.publish({ ...of, attempt, ms: 1, failure: 'reset' })
  t.match(faults, [{ message: 'no span' }])
  t.equal(faults.length, 1)
})
