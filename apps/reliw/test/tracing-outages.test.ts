import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { startTraced } from './tracing-server.ts'

const SITE = {
  'API:a.example': [['^/', 'all']],
  'API:a.example:all': { methods: { GET: true } },
  'FILES:a.example:/page.txt': { content: 'a file' }
}
const LOST = 'spans cannot be exported'
const BACK = 'spans are exported again'

test('requests are served while the collector is unreachable', async (t) => {
  const tracing = { timeout: '500ms' }
  const { port, collector, log, line } = await startTraced(t, SITE, { tracing })
  await collector.stop()
  t.match(await ask(port, '/page.txt'), { status: 200, text: 'a file' })
  const { host } = new URL(collector.endpoint)
  t.match(await line({ msg: LOST }), { tracing: { collector: host, cause: /ECONNREFUSED/ } })
  t.equal((await ask(port, '/page.txt')).status, 200)
  await collector.start()
  // One export may come too late where much else is running.
  const isBack = async (): Promise<boolean> => {
    await ask(port, '/page.txt')
    return log.some(({ msg }) => msg === BACK)
  }
  t.ok(await waitFor(isBack, 'an export'))
})

test('the log has one line when an outage begins, and one when it ends', async (t) => {
  const { port, collector, finish, log, line } = await startTraced(t, SITE)
  const record = async (): Promise<void> => {
    const { length } = collector.exports
    await ask(port, '/page.txt')
    await waitFor(() => collector.exports.length > length, 'an export')
  }
  collector.status = 401
  for (let round = 0; round < 2; round++) await record()
  t.match(await line({ msg: LOST }), { level: 40, tracing: { cause: 'Unauthorized' } })
  collector.status = 200
  for (let round = 0; round < 2; round++) await record()
  await finish()
  t.match(await line({ msg: BACK }), { level: 30, tracing: { lost: 2 } })
  t.equal(log.filter(({ msg }) => msg === LOST).length, 1)
  t.equal(log.filter(({ msg }) => msg === BACK).length, 1)
  t.notMatch(JSON.stringify(log), /a secret of the collector/)
})
