import { openStore } from '@reliw/store'
import { HUNG_AFTER, tempDir, waitFor } from '@reliw/testing'
import { pino } from 'pino'
import t from 'tap'
import { followControl } from '../src/control.ts'
import type { Line } from './log-lines.ts'

const store = await openStore({ dir: tempDir(t) })
await store.ready(HUNG_AFTER)
const log: Line[] = []
const logger = pino({ base: null }, { write: (line) => void log.push(JSON.parse(line) as Line) })
const stop = followControl(store, logger)
t.teardown(async () => {
  stop()
  await store.close()
})

/** The line that is written of a message; messages before it are done with by then. */
async function told(message: unknown): Promise<Line> {
  log.length = 0
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  await store.driver.publish(store.keys.channel('CTL'), text)
  const last = JSON.stringify({ audit: { event: 'the last' } })
  await store.driver.publish(store.keys.channel('CTL'), last)
  await waitFor(() => log.some(({ event }) => event === 'the last'), 'the last message')
  return log[0] as Line
}

t.test('a change at the command line is an audit line with flat fields', async (t) => {
  const {
    ts: _,
    time: __,
    ...line
  } = await told({
    audit: { event: 'user added', host: 'a.example', user: 'eve', by: 'cli' }
  })
  const fields = { event: 'user added', vhost: 'a.example', user: 'eve', by: 'cli' }
  t.strictSame(line, { level: 30, audit: true, ...fields, msg: 'audit' })
  const ban = { event: 'ban', address: '192.0.2.7', reason: 'guessing', for: 60, by: 'cli' }
  t.match(await told({ audit: ban }), { audit: true, ...ban })
  t.match(await told({ audit: { event: 'key deleted', key: '0a1b2c' } }), { key: '0a1b2c' })
})

t.test('no message can overwrite fields of an audit line, or add any', async (t) => {
  const { msg, level, ...line } = await told(
    `{"audit": {"event": "x", "audit": false, "level": 60, "ts": 1, "msg": "request", "vhost": "forged",
      "status": 200, "err": "x", "constructor": "x", "__proto__": {"polluted": true}}}`
  )
  t.strictSame([msg, level, line['audit'], line['event']], ['audit', 30, true, 'x'])
  t.strictSame(Object.keys(line).toSorted(), ['audit', 'event', 'time'])
})

t.test('long texts are truncated', async (t) => {
  const { reason } = await told({ audit: { event: 'ban', reason: 'x'.repeat(5000) } })
  t.equal(reason, 'x'.repeat(1000))
})

t.test('other messages are ignored', async (t) => {
  const messages = ['', '{', 'null', '[]', { audit: 'x' }, { audit: { event: 1 } }, { audit: {} }]
  for (const message of [...messages, { other: { event: 'x' } }]) {
    t.match(await told(message), { event: 'the last' }, JSON.stringify(message))
  }
})
