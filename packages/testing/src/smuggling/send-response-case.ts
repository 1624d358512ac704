import type { Test } from 'tap'
import { openRaw, type RawClient } from '../raw-client.ts'
import { waitFor } from '../wait-for.ts'
import type { ResponseCase, ResponseOutcome, ExpectedResponse } from './response-case.ts'
import { parseResponse, type ParsedResponse } from './parse-response.ts'
import { request } from './request-case.ts'
import type { ScriptedOrigin } from './scripted-origin.ts'
import type { ServerUnderTest } from './send-request-case.ts'

/**
 * Has an origin send a case's bytes, and checks what the client gets, and that another client gets the response to
 * its own request after that. The upstream must have one connection: in one piece, the bytes come while the other
 * client waits for it; byte by byte, before it asks.
 */
export async function sendResponseCase(
  t: Test,
  server: ServerUnderTest,
  { origin, play, release }: ScriptedOrigin,
  { bytes, outcome, isEnded, method, lines }: ResponseCase,
  pace: 'in one piece' | 'byte by byte'
): Promise<void> {
  const isSlow = pace === 'byte by byte'
  const { accepted } = origin
  const count = origin.requests.length
  play({ bytes, isEnded, isSlow })
  const client = send(t, server, `${method} /tested`, lines)
  const tested = await waitFor(() => origin.requests[count], 'the request')
  const isReused = outcome.kind === 'response' && outcome.response.isReused

  const other = isSlow ? undefined : send(t, server, 'GET /next')
  if (!isSlow) await waitFor(() => pendingOf(server) === 1, 'the other client to wait')
  release()
  checkOutcome(t, parseResponse(await client.readToEnd(), method), outcome)
  if (isSlow && !isReused) await waitFor(() => origin.connections === 0, 'the connection’s end')

  const next = parseResponse(await (other ?? send(t, server, 'GET /next')).readToEnd(), 'GET')
  const { status, body, isWhole, rest } = next
  const proper = { status: 200, body: '/next', isWhole: true, rest: '' }
  t.strictSame({ status, body, isWhole, rest }, proper, 'the other client’s response')
  t.equal(origin.requests[count + 1]?.connection === tested.connection, isReused, 'reused or not')
  t.equal(origin.requests.length, count + 2)
  t.ok(origin.accepted <= accepted + 2)
}

function send(
  t: Test,
  { port }: ServerUnderTest,
  line: string,
  lines: readonly string[] = ['Connection: close']
): RawClient {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(request(`${line} HTTP/1.1`, lines))
  return client
}

function pendingOf({ app }: ServerUnderTest): number | undefined {
  return app.upstreams()[0]?.origins[0]?.pending
}

function checkOutcome(t: Test, response: ParsedResponse, outcome: ResponseOutcome): void {
  if (outcome.kind === 'response') return checkResponse(t, response, outcome.response)
  if (outcome.kind === 'no response' || response.status === 502) {
    t.match(response, { status: 502, isWhole: true }, 'a response of our own')
    t.equal(response.rest, '', 'nothing after it')
    return
  }
  t.notOk(response.isWhole, 'the client sees that it is cut off')
  t.ok(outcome.body.startsWith(response.body), `as far as it came: ${JSON.stringify(response)}`)
}

function checkResponse(t: Test, response: ParsedResponse, expected: ExpectedResponse): void {
  const { status, body, trailers, headers } = expected
  t.match(response, { status, isWhole: true })
  t.equal(response.body, body)
  t.equal(response.trailers, trailers)
  t.equal(response.rest, '', 'nothing after it')
  for (const [name, value] of Object.entries(headers)) {
    const values = response.headers.filter(([key]) => key === name).map(([, one]) => one)
    t.equal(values.length === 0 ? undefined : values.join(', '), value, name)
  }
}
