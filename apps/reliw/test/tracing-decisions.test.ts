// Whose word counts on whether a request is recorded, and as part of which trace.

import { test } from 'tap'
import { ask } from './cli/serving.ts'
import {
  NEVER,
  PARENT,
  RECORDED,
  startTraced,
  TRACE,
  TRUSTING,
  UNRECORDED
} from './tracing-server.ts'

const SITE = {
  'API:a.example': [['^/', 'all']],
  'API:a.example:all': { methods: { GET: true } },
  'FILES:a.example:/page.txt': { content: 'a file' }
}

test('the trace of a trusted peer is continued, whatever the ratio', async (t) => {
  const { port, finish, line } = await startTraced(t, SITE, { ...TRUSTING, ...NEVER })
  await ask(port, '/page.txt', { traceparent: RECORDED })
  const spans = await finish()
  t.match(spans, [{ traceId: TRACE, parentSpanId: PARENT, name: 'GET file' }])
  t.equal(spans.length, 1)
  t.not(spans[0]?.spanId, PARENT)
  await line({ msg: 'request', trace_id: TRACE })
})

test('requests that a trusted peer does not record are not recorded', async (t) => {
  const { port, finish, line } = await startTraced(t, SITE, TRUSTING)
  await ask(port, '/page.txt', { traceparent: UNRECORDED })
  t.strictSame(await finish(), [])
  await line({ msg: 'request', trace_id: TRACE })
})

test('without a valid header of a trusted peer, the ratio decides', async (t) => {
  const { port, finish } = await startTraced(t, SITE, TRUSTING)
  const wrong = ['', RECORDED.replace('00-', 'ff-'), `${RECORDED}-00`, `${RECORDED}, ${RECORDED}`]
  await ask(port, '/page.txt')
  for (const traceparent of wrong) await ask(port, '/page.txt', { traceparent })
  const spans = await finish()
  t.equal(spans.length, 1 + wrong.length)
  for (const { traceId, parentSpanId } of spans) {
    t.not(traceId, TRACE)
    t.equal(parentSpanId, undefined)
  }
})

test('the known part of a later header version is used', async (t) => {
  const { port, finish } = await startTraced(t, SITE, { ...TRUSTING, ...NEVER })
  await ask(port, '/page.txt', { traceparent: `cc-${TRACE}-${PARENT}-ff-more` })
  t.match(await finish(), [{ traceId: TRACE, parentSpanId: PARENT }])
})

test('trace headers of untrusted peers are ignored', async (t) => {
  const { port, finish, line } = await startTraced(t, SITE)
  for (const traceparent of [RECORDED, UNRECORDED]) await ask(port, '/page.txt', { traceparent })
  const spans = await finish()
  t.equal(spans.length, 2, 'nor does it keep a request from being recorded')
  for (const { traceId, parentSpanId } of spans) {
    t.not(traceId, TRACE)
    t.equal(parentSpanId, undefined)
    await line({ msg: 'request', trace_id: traceId })
  }
})

test('an untrusted peer cannot cause a request to be recorded', async (t) => {
  const { port, finish, line } = await startTraced(t, SITE, NEVER)
  await ask(port, '/page.txt', { traceparent: RECORDED })
  t.strictSame(await finish(), [])
  t.notOk('trace_id' in (await line({ msg: 'request' })), 'and it is part of no trace')
})
