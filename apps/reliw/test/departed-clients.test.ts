import {
  openRaw,
  respond,
  startOrigin,
  startRedis,
  type TestContext,
  waitFor
} from '@reliw/testing'
import { test } from 'tap'
import { ask } from '../../../packages/upstream-proxy/test/answer.ts'
import { recordEvents } from '../../../packages/upstream-proxy/test/recorded-events.ts'
import { startServer } from './start-server.ts'

const HOST = 'shop.example'
const CLIENTS = 600

/** Each sends a request, and resets its connection as soon as the kernel has it. */
async function sendAndLeave(t: TestContext, port: number, path: string): Promise<void> {
  const bytes = `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`
  const left = Array.from({ length: CLIENTS }, async () => {
    const { socket, closed } = openRaw(port)
    t.teardown(() => socket.destroy())
    socket.once('connect', () => socket.write(bytes, () => socket.resetAndDestroy()))
    return closed
  })
  await Promise.all(left)
}

test('clients that leave while their requests are counted in the store occupy no origin', async (t) => {
  const redis = await startRedis(t)
  const origin = await startOrigin(t, (request, socket) =>
    request.target === '/hang' ? undefined : respond('ok')(request, socket)
  )
  const events = recordEvents(t, HOST)
  const { app, port, log } = await startServer(
    t,
    { [`PROXY:${HOST}`]: { target: origin.url } },
    {
      redis: { host: redis.host, port: redis.port },
      rate_limits: [{ name: 'all', limit: 1_000_000, period: '1m' }]
    }
  )
  t.equal((await ask(port, { host: HOST })).status, 200)
  await sendAndLeave(t, port, '/hang')
  t.match(await ask(port, { host: HOST }), { status: 200, body: 'ok' })
  const left = (): number => events.outcome.filter(({ result }) => result === 'client left').length
  const lines = (): number => log.filter(({ path }) => path === '/hang').length
  await waitFor(
    () => app.upstreams()[0]?.origins[0]?.inFlight === 0 && left() === lines(),
    'nothing to be in flight'
  )
  t.ok(left() > 0)
  t.equal(new Set(events.outcome.map(({ requestId }) => requestId)).size, events.outcome.length)
  t.match(app.upstreams()[0]?.origins[0], { active: 0, pending: 0 })
})
