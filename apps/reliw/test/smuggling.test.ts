import {
  openRaw,
  sendResponseCase,
  sendRequestCase,
  smuggledResponses,
  smuggledRequests,
  SMUGGLING_HOST,
  startEcho,
  startOrigin,
  startScripted,
  type Pace
} from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const ONCE = { retry: false, circuit_breaker: false }
// Byte by byte they are sent to the plugin alone: what reads them is the same.
const PACES: Pace[] = ['in one piece', 'head first']

for (const pace of PACES) {
  for (const [what, cases] of Object.entries(smuggledRequests)) {
    test(`nothing is smuggled to an origin by ${what}, sent ${pace}`, async (t) => {
      const echo = await startEcho(t)
      const upstream = { target: echo.origin.url, ...ONCE }
      const server = await startServer(t, { [`PROXY:${SMUGGLING_HOST}`]: upstream })
      for (const [name, one] of Object.entries(cases)) {
        if (pace === 'head first' && one.outcome.kind !== 'cut') continue
        await t.test(name, (t) => sendRequestCase(t, server, echo, one, pace))
      }
    })
  }
}

for (const [what, cases] of Object.entries(smuggledResponses)) {
  test(`no client is deceived by ${what} of a response`, async (t) => {
    const scripted = await startScripted(t)
    const { url: target } = scripted.origin
    const upstream = { target, connections: 1, health: { max_fails: 0 }, ...ONCE }
    const server = await startServer(t, { [`PROXY:${SMUGGLING_HOST}`]: upstream })
    for (const [name, one] of Object.entries(cases)) {
      await t.test(name, (t) => sendResponseCase(t, server, scripted, one, 'in one piece'))
    }
  })
}

test('invalid bytes never become part of the response before them', async (t) => {
  const ends: (() => void)[] = []
  const origin = await startOrigin(t, (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun')
    ends.push(() => connection.write('ended'))
  })
  const { port } = await startServer(t, { [`PROXY:${SMUGGLING_HOST}`]: { target: origin.url } })
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(`GET / HTTP/1.1\r\nHost: ${SMUGGLING_HOST}\r\n\r\n`)
  await client.read('begun')
  client.write('no request\r\n\r\n')
  ends[0]?.()
  t.match(await client.readToEnd(), /^endedHTTP\/1\.1 400 Bad Request\r\n/)
})
