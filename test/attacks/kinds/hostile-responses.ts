import { utf8 } from '../../fuzz/hostile-values.ts'
import type { Attack } from '../attack.ts'
import { calmRequest, calmValues } from '../attack.ts'
import { Attackers, get } from '../attackers.ts'
import { HELLO, startScript } from '../script-origin.ts'

const HOST = 'hostile.test'
const disposition = (value: string): string =>
  `Content-Disposition: attachment; filename="${value}"`
const RESPONSES = [
  `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${disposition(utf8('中文.pdf'))}\r\n\r\nok`,
  `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${disposition('\xff')}\r\n\r\nok`,
  `HTTP/1.1 304 No\r\nContent-Length: 2\r\n${disposition(utf8('é'))}\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTrailer: x\r\n\r\nok`,
  `HTTP/1.1 103 Hints\r\nLink: ${utf8('</é>; rel=preload')}\r\n\r\n${HELLO}`,
  `${'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n'.repeat(1000)}${HELLO}`,
  `HTTP/1.1 204 No\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`,
  `HTTP/1.1 101 Over\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n`
]
const TIMES = 50

/** Each of them once ended the process, or could. */
export const hostileResponses: Attack = {
  name: 'hostile-responses',
  does: 'an origin responds with bytes that Node refuses to forward',
  async prepare(t) {
    const origin = await startScript(t, (head, socket) => {
      const index = Number(/^GET \/(\d+) /.exec(head)?.[1] ?? 0)
      socket.write(RESPONSES[index] ?? HELLO, 'latin1')
    })
    const proxy = { target: `127.0.0.1:${origin.port}`, circuit_breaker: false, retry: false }
    return {
      serve: {
        values: { ...calmValues, [`PROXY:${HOST}`]: { ...proxy, health: { max_fails: 0 } } }
      },
      honest: [calmRequest],
      async run({ served }) {
        const attackers = new Attackers(served.port)
        for (let time = 0; time < TIMES; time += 1) {
          const requests = RESPONSES.map((_, index) => get(HOST, `/${index}`))
          await Promise.all(requests.map((bytes) => exchange(attackers, bytes)))
        }
        attackers.leave()
        return []
      }
    }
  }
}

async function exchange(attackers: Attackers, bytes: string): Promise<void> {
  const socket = await attackers.open()
  if (socket.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('data', () => resolve()).once('close', () => resolve())
  socket.write(bytes)
  await promise
  socket.destroy()
}
