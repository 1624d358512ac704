import { setImmediate as turn } from 'node:timers/promises'
import { startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './answer.ts'
import { matchRest, startProxy } from './app.ts'

const HOST = 'shop.test'

/** For each kind of answer: all its bytes. `@` is what each answer has of its own. */
const ANSWERS = {
  'with a length': 'HTTP/1.1 200 OK\r\nX-Own: @\r\nContent-Length: 9\r\n\r\nbody of @',
  'in chunks':
    'HTTP/1.1 200 OK\r\nX-Own: @\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '5;a="b"\r\nbody \r\n4\r\nof @\r\n0\r\nX-Sum: @\r\n\r\n',
  'after early hints':
    'HTTP/1.1 103 Early\r\nLink: </@>; rel=a\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n' +
    'HTTP/1.1 200 OK\r\nX-Own: @\r\nContent-Length: 9\r\n\r\nbody of @'
}

for (const [what, bytes] of Object.entries(ANSWERS)) {
  test(`an answer is the same wherever it is cut: ${what}`, async (t) => {
    const origin = await startOrigin(t, async ({ target }, socket) => {
      const [, cut = 0, own = ''] = /^\/(\d+)\/(\w)$/.exec(target) ?? []
      const whole = bytes.replaceAll('@', own)
      socket.write(whole.slice(0, Number(cut)))
      for (let turns = 0; turns < 10; turns += 1) await turn()
      socket.write(whole.slice(Number(cut)))
    })
    const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry: false } })
    const check = async (cut: number, own: string): Promise<void> => {
      const answer = await ask(proxy.port, { host: HOST, path: `/${cut}/${own}` })
      const isGood = answer.isWhole && answer.body === `body of ${own}`
      if (!isGood || !answer.head.includes(`X-Own: ${own}`)) t.fail(`cut at ${cut}`, { answer })
    }
    // Several at a time: what one connection brings must not end up in another's answer.
    for (let cut = 1; cut < bytes.length; cut += 1) {
      await Promise.all(
        ['A', 'B', 'C', 'D'].map((own, at) => check((cut + at * 7) % bytes.length, own))
      )
    }
    t.ok(origin.accepted <= 4)
    await matchRest(t, proxy, origin)
  })
}

test('an answer may come byte by byte', async (t) => {
  const bytes = ANSWERS['in chunks'].replaceAll('@', 'A')
  const origin = await startOrigin(t, async (_request, socket) => {
    for (const byte of bytes) {
      socket.write(byte)
      await turn()
    }
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 200, body: 'body of A', trailers: 'X-Sum: A\r\n\r\n', isWhole: true })
  await matchRest(t, proxy, origin)
})
