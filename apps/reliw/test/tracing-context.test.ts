// What is made of traces where no spans are recorded.

import { respond, startOrigin } from '@reliw/testing'
import { test, type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { ask } from './cli/serving.ts'
import { startServer } from './start-server.ts'
import { RECORDED, TRACE, TRUSTING, UNRECORDED } from './tracing-server.ts'

interface Outcome {
  /** What the origin got. */
  traceparent: string | undefined
  tracestate: string | undefined
  /** Of the lines of the forwarded request, and of one for content. */
  logged: unknown[]
}

/** Asks for something of an origin, and for something of our own. */
async function forward(t: Test, traceparent: string, config: Config = {}): Promise<Outcome> {
  const origin = await startOrigin(t, respond('x'))
  const values = { 'PROXY:a.example': { target: origin.url } }
  const { port, line } = await startServer(t, values, config)
  const headers = { traceparent, tracestate: 'vendor=1' }
  await ask(port, '/', headers)
  await ask(port, '/', { ...headers, host: 'b.example' })
  const lines = ['a.example', 'b.example'].map((vhost) => line({ msg: 'request', vhost }))
  const [received] = origin.requests
  return {
    traceparent: received?.header('traceparent'),
    tracestate: received?.header('tracestate'),
    logged: (await Promise.all(lines)).map(({ trace_id }) => trace_id)
  }
}

test('the trace of a trusted peer is logged and forwarded unchanged', async (t) => {
  for (const traceparent of [RECORDED, UNRECORDED]) {
    const expected = { traceparent, tracestate: 'vendor=1', logged: [TRACE, TRACE] }
    t.strictSame(await forward(t, traceparent, TRUSTING), expected)
  }
})

test('the trace of an untrusted peer is replaced; the log has the one that the origin got', async (t) => {
  const { traceparent, tracestate, logged } = await forward(t, RECORDED)
  t.match(traceparent, /^00-(?!0af7)[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.equal(tracestate, undefined)
  t.strictSame(logged, [traceparent?.slice(3, 35), undefined])
})

test('an invalid trace of a trusted peer is replaced as well', async (t) => {
  const { traceparent, tracestate, logged } = await forward(t, `${RECORDED}-more`, TRUSTING)
  t.match(traceparent, /^00-(?!0af7)[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.equal(tracestate, undefined)
  t.strictSame(logged, [traceparent?.slice(3, 35), undefined])
})
