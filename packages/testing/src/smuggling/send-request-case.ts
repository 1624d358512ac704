import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { openRaw, type RawClient } from '../raw-client.ts'
import { waitFor } from '../wait-for.ts'
import { checkAccounts, checkSeen } from './check-seen.ts'
import type { EchoOrigin } from './echo-origin.ts'
import { inPieces } from './in-pieces.ts'
import { readResponse } from './read-response.ts'
import { get, type Outcome, type RequestCase, type Seen } from './request-case.ts'

/** In which pieces bytes are sent. */
export type Pace = 'in one piece' | 'byte by byte' | 'head first'

/** A server with the proxy in it, in this process. */
export interface ServerUnderTest {
  readonly port: number
  readonly app: { upstreams: () => readonly { origins: readonly Load[] }[] }
}

interface Load {
  readonly active: number
  readonly pending: number
  readonly inFlight: number
}

const PROBE: Seen = {
  method: 'GET',
  target: '/probe',
  body: '',
  framing: 'none',
  headers: {},
  trailers: []
}

/**
 * Sends a case's bytes to a server and checks what comes of them, at the client and, by every byte that came
 * there, at the origin. Then asks for something else on the same connection: it is relayed, or closed.
 */
export async function sendRequestCase(
  t: Test,
  { port, app }: ServerUnderTest,
  { origin, hold, release }: EchoOrigin,
  { bytes, outcome }: RequestCase,
  pace: Pace
): Promise<void> {
  const before = { requests: origin.requests.length, errors: origin.errors.length }
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  if (outcome.kind === 'forwarded') hold()
  try {
    await send(client, bytes, pace, () => origin.requests.length > before.requests)
  } finally {
    release()
  }
  await readResponses(t, client, outcome)
  client.write(get(PROBE.target, 'Connection: close'))
  const rest = await client.readToEnd()
  client.destroy()
  await waitFor(() => app.upstreams().every(({ origins }) => origins.every(isIdle)), 'all to end')

  const requests = origin.requests.slice(before.requests)
  if (outcome.kind === 'cut') {
    t.notMatch(rest, /HTTP\/1\.1 [23]/, 'no response of the origin')
    for (const request of requests) await t.rejects(request.body, 'the body never ends')
  } else {
    const isOn = /^x-seen: GET \/probe\r$/im.test(rest)
    if (outcome.kind === 'refused' && !outcome.inStep) t.notOk(isOn, 'the connection is closed')
    if (!isOn) t.notMatch(rest, /HTTP\/1\.1 [23]/, 'no other response of the origin')
    await checkSeen(t, requests, [...expected(outcome, requests.length), ...(isOn ? [PROBE] : [])])
    t.equal(origin.errors.length, before.errors, 'nothing that the origin cannot read')
  }
  checkAccounts(t, origin)
}

/** @param seen how many requests came */
function expected(outcome: Outcome, seen: number): readonly Seen[] {
  if (outcome.kind !== 'forwarded') return []
  return outcome.orFewer ? outcome.seen.slice(0, seen) : outcome.seen
}

async function readResponses(t: Test, client: RawClient, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'refused' && !outcome.statuses.includes(0)) {
    const { status, head } = await readResponse(client, 'GET')
    t.ok(outcome.statuses.includes(status), `${status} is one of ${outcome.statuses.join()}`)
    t.notMatch(head, /x-seen/i, 'a response of our own')
  }
  if (outcome.kind !== 'forwarded') return
  for (const { method, target, body } of outcome.seen) {
    const response = await readResponse(client, method)
    if (outcome.orFewer && [400, 501].includes(response.status)) return
    t.equal(response.status, 200)
    t.equal(response.body, method === 'HEAD' ? '' : body)
    t.match(response.head.toLowerCase(), `x-seen: ${method} ${target}\r\n`.toLowerCase())
  }
}

async function send(
  client: RawClient,
  bytes: string,
  pace: Pace,
  isSeen: () => boolean
): Promise<void> {
  const { socket } = client
  if (pace === 'in one piece') client.write(bytes)
  if (pace === 'byte by byte') {
    socket.setNoDelay(true)
    for (const piece of inPieces(bytes)) {
      if (socket.readableEnded || socket.destroyed) return
      client.write(piece)
      await turn()
    }
  }
  if (pace === 'head first') {
    const end = bytes.indexOf('\r\n\r\n') + 4
    client.write(bytes.slice(0, end))
    await waitFor(() => isSeen() || socket.readableEnded, 'the head, or an end')
    client.write(bytes.slice(end))
  }
}

function isIdle({ active, pending, inFlight }: Load): boolean {
  return active + pending + inFlight === 0
}
