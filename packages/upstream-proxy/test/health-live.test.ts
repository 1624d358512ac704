import type { UpstreamInput } from '@reliw/model'
import { respond, startOrigin, waitFor, type Responder, type Origin } from '@reliw/testing'
import { test, type Test } from 'tap'
import { ask, headerOf, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, type Proxy } from './app.ts'
import { recordEvents, type RecordedEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const HEALTH = { path: '/health?deep', interval: 0.05, timeout: 1 }

/** An origin whose checks are answered as `check` says at the time. */
interface Checked {
  origin: Origin
  check: Responder
}

interface Started {
  proxy: Proxy
  all: [Checked, ...Checked[]]
  events: RecordedEvents
  healthy: () => boolean[] | undefined
}

async function startChecked(
  t: Test,
  count: number,
  health: UpstreamInput['health'] = {},
  settings: UpstreamInput = {}
): Promise<Started> {
  const all: Checked[] = []
  for (let at = 0; at < count; at += 1) {
    const answer: Responder = (request, socket) =>
      request.target === HEALTH.path
        ? checked.check(request, socket)
        : respond(`from ${at}`)(request, socket)
    const checked = { origin: await startOrigin(t, answer), check: respond('') }
    all.push(checked)
  }
  const targets = all.map(({ origin }) => origin.url)
  const events = recordEvents(t, HOST)
  const upstream = { targets, health: { ...HEALTH, ...health }, ...settings }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.equal((await ask(proxy.port, { host: HOST })).status, 200)
  const healthy = (): boolean[] | undefined =>
    proxy.app.upstreams()[0]?.origins.map((origin) => origin.healthy)
  return { proxy, all: all as [Checked, ...Checked[]], events, healthy }
}

const checksOf = ({ origin }: Checked): number =>
  origin.requests.filter(({ target }) => target === HEALTH.path).length

for (const [what, check] of Object.entries({
  'answers 500': respond('', {}, 500),
  'answers 404': respond('', {}, 404),
  resets: (_request, socket) => void socket.resetAndDestroy(),
  'talks nonsense': (_request, socket) => void socket.write('nonsense\r\n\r\n')
} satisfies Record<string, Responder>)) {
  test(`an origin that ${what} when it is checked gets no requests until it is well`, async (t) => {
    const { proxy, all, events, healthy } = await startChecked(t, 2)
    const [first] = all
    first.check = check
    await waitFor(() => healthy()?.[0] === false, 'it to be out')
    for (let times = 0; times < 4; times += 1) {
      t.equal((await ask(proxy.port, { host: HOST })).body, 'from 1')
    }
    first.check = respond('')
    await waitFor(() => healthy()?.[0], 'it to be back')
    const bodies = [await ask(proxy.port, { host: HOST }), await ask(proxy.port, { host: HOST })]
    t.same(bodies.map(({ body }) => body).toSorted(), ['from 0', 'from 1'])
    t.same(
      events.health.map(({ change }) => change),
      ['unhealthy', 'healthy']
    )
    t.equal(events.health[0]?.origin, `127.0.0.1:${first.origin.port}`)
  })
}

test('an origin that does not answer checks in time is ill', async (t) => {
  const { all, healthy } = await startChecked(t, 2, { timeout: 0.05 })
  const [first] = all
  first.check = () => undefined
  await waitFor(() => healthy()?.[0] === false, 'it to be out')
  // Each check that was too late has ended its connection.
  await waitFor(() => first.origin.connections <= 2, 'the end of its connections')
})

test('without any origin that is well there is nothing to ask', async (t) => {
  const { proxy, all, events, healthy } = await startChecked(t, 2)
  for (const checked of all) checked.check = respond('', {}, 503)
  await waitFor(() => healthy()?.includes(true) === false, 'all to be out')
  const answer = await ask(proxy.port, { host: HOST })
  matchRefusal(t, answer, 503, all[0].origin)
  t.equal(headerOf(answer, 'retry-after'), '5')
  t.equal(events.outcome.at(-1)?.result, 'no origin')
  t.equal(proxy.app.upstreams()[0]?.circuit, 'closed', 'a circuit has nothing to say to that')
  for (const checked of all) checked.check = respond('')
  await waitFor(() => healthy()?.includes(false) === false, 'all to be back')
  t.equal((await ask(proxy.port, { host: HOST })).status, 200)
})

test('an origin that is stopped is noticed, and one that is started again as well', async (t) => {
  const { proxy, all, healthy } = await startChecked(t, 1)
  const [{ origin }] = all
  await origin.stop()
  await waitFor(() => healthy()?.[0] === false, 'it to be out')
  t.equal((await ask(proxy.port, { host: HOST })).status, 503)
  await origin.start()
  await waitFor(() => healthy()?.[0], 'it to be back')
  t.equal((await ask(proxy.port, { host: HOST })).status, 200)
})

test('checks have connections of their own, and say who they are', async (t) => {
  const settings = { connections: 1, max_pending: 0 }
  const { proxy, all } = await startChecked(t, 1, {}, settings)
  const [{ origin }] = all
  const client = openClient(t, proxy)
  const headers = ['Content-Length: 9']
  client.write(writeRequest({ host: HOST, method: 'POST', headers }))
  await waitFor(() => origin.requests.some(({ method }) => method === 'POST'), 'the request')
  const before = checksOf(all[0])
  await waitFor(() => checksOf(all[0]) > before + 2, 'checks')
  const check = origin.requests.find(({ target }) => target === HEALTH.path)
  t.equal(check?.header('host'), `127.0.0.1:${origin.port}`)
  t.equal(check?.header('user-agent'), 'reliw-health-check')
  client.destroy()
})

test('checks end with the app', async (t) => {
  const { proxy, all } = await startChecked(t, 1)
  const [checked] = all
  await waitFor(() => checksOf(checked) > 1, 'checks')
  await proxy.app.close()
  await waitFor(() => checked.origin.connections === 0, 'the end of all connections')
})

test('other statuses can be the healthy ones', async (t) => {
  const { proxy, all, healthy } = await startChecked(t, 2, { status: [204, 401] })
  const [first, second] = all
  first.check = respond('', {}, 401)
  await waitFor(() => healthy()?.[1] === false, 'a 200 to be none')
  t.equal(healthy()?.[0], true)
  t.equal((await ask(proxy.port, { host: HOST })).body, 'from 0')
  if (second !== undefined) await matchRest(t, proxy)
})

test('a check has the method and headers that the upstream names, Host among them', async (t) => {
  const headers = { host: 'app.test:8080', 'USER-AGENT': 'probe', 'X-Token': 'secret' }
  const { all } = await startChecked(t, 1, { method: 'POST', headers })
  const [checked] = all
  await waitFor(() => checksOf(checked) > 0, 'a check')
  const check = checked.origin.requests.find(({ target }) => target === HEALTH.path)
  t.equal(check?.method, 'POST')
  t.equal(check?.header('host'), 'app.test:8080')
  t.equal(check?.header('user-agent'), 'probe')
  t.equal(check?.header('x-token'), 'secret')
  t.equal(check?.header('accept'), '*/*')
})

test('an origin is healthy only while the body of its check contains the text', async (t) => {
  const text = '"status":"grün"'
  const { all, healthy } = await startChecked(t, 2, { contains: text })
  const [first, second] = all
  const becomes = async (expected: boolean, what: string): Promise<boolean> =>
    waitFor(() => healthy()?.[0] === expected, what)
  if (second !== undefined) second.check = respond(text)
  first.check = respond('{"status":"rot"}')
  await becomes(false, 'another text to be noticed')
  // In two pieces, the second of which begins within a character.
  first.check = (_request, socket) => {
    const body = Buffer.from(`{${text}}`)
    const at = body.indexOf(0xbc)
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body.subarray(0, at))
    setImmediate(() => socket.write(body.subarray(at)))
  }
  await becomes(true, 'the text in pieces to be found')
  first.check = respond(`${'x'.repeat(65_536)}${text}`)
  await becomes(false, 'a text beyond 64 KiB to be ignored')
  first.check = respond(text)
  await becomes(true, 'the text to be found')
  first.check = respond(text, {}, 500)
  await becomes(false, 'the status to count as well')
})

test('a body without an end is read for 64 KiB, and no further', async (t) => {
  const { all, healthy } = await startChecked(t, 1, { contains: 'ready', timeout: 60 })
  const [checked] = all
  let ended = 0
  checked.check = (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const piece = `1000\r\n${'x'.repeat(4096)}\r\n`
    const more = (): void => void socket.write(piece, (error) => error ?? more())
    socket.on('close', () => (ended += 1))
    more()
  }
  await waitFor(() => ended > 2, 'the ends of connections')
  await waitFor(() => healthy()?.[0] === false, 'it to be out')
})
