import { startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './answer.ts'
import { matchRest, startProxy } from './app.ts'

const HOST = 'shop.test'
const ANSWERS = 400

const STATUS_LINES =
  'HTTP/1.1 200 OK|HTTP/1.1 103 Early|HTTP/1.0 204 |HTTP/1.1 304|HTTP/1.1 503 Busy|' +
  'HTTP/1.1 101 Switching|HTTP/1.1 102 Processing'
const LINES =
  'Content-Length: 5|Content-Length: 0|Transfer-Encoding: chunked|Trailer: X-Sum|X-Sum: 1|' +
  'Connection: close|Connection: X-Sum|Upgrade: a|Keep-Alive: timeout=1|Retry-After: 0|' +
  'Location: //\\|Link: <>|Set-Cookie: a; Domain=|Date: x|Content-Type:|Expect: 100-continue|' +
  '|||0|0\r\n|5\r\nhello'
const PIECES = '\r|\n|\0| |:|hello|\xff\xfe|{"a":1}'
const begin = STATUS_LINES.split('|').map((line) => `${line}\r\n`)
const parts = [...begin, ...LINES.split('|').map((line) => `${line}\r\n`), ...PIECES.split('|')]

/** A generator of the same numbers at every run (xorshift). */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

test('whatever an origin answers, clients get an answer that is one', async (t) => {
  const random = createRandom(20_261)
  const answers = Array.from({ length: ANSWERS }, () => {
    const length = random(12)
    const rest = Array.from({ length }, () => parts[random(parts.length)]).join('')
    return random(3) === 0 ? rest : begin[random(begin.length)] + rest
  })
  const origin = await startOrigin(t, ({ target }, socket) => {
    socket.end(answers[Number(target.slice(1))] ?? '', 'latin1')
  })
  const upstream = { target: origin.url, retry: { backoff: 0 }, circuit_breaker: false as const }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const statuses = new Set<number>()
  for (let at = 0; at < ANSWERS; at += 1) {
    const method = ['GET', 'HEAD', 'POST'][at % 3] ?? ''
    const { status, isWhole, head } = await ask(proxy.port, { host: HOST, method, path: `/${at}` })
    // One that breaks off is no less clear.
    if (status === 0 ? head !== '' : isWhole && !/^HTTP\/1\.1 \d{3} [ -~]*\r\n/.test(head))
      t.fail(`answer ${at}`, { head, answer: answers[at] })
    statuses.add(status)
  }
  for (const status of [200, 204, 304, 502, 503]) t.ok(statuses.has(status), `a ${status}`)
  await matchRest(t, proxy, origin)
})
