import { setTimeout as delay } from 'node:timers/promises'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { Attackers } from '../attackers.ts'
import { HELLO, startScript } from '../script-origin.ts'

const HOST = 'uploads.test'
const CLIENTS = 300
const RATE = 320
const SECONDS = 30
const LENGTH = 100_000

/** Each of them is within what `min_body_rate` asks for. */
export const slowUploads: Attack = {
  name: 'slow-uploads',
  does: '300 uploads at 320 bytes a second to one upstream',
  async prepare(t) {
    const origin = await startScript(t, (head, socket) => {
      if (head.startsWith('GET')) socket.write(HELLO)
    })
    const values = { ...calmValues, [`PROXY:${HOST}`]: { target: `127.0.0.1:${origin.port}` } }
    return {
      serve: { values },
      honest: [calmRequest, { host: HOST, path: '/' }],
      async run({ served }) {
        const attackers = new Attackers(served.port)
        const head = `POST /upload HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${LENGTH}\r\n\r\n`
        const opened = Array.from({ length: CLIENTS }, () => attackers.open())
        const sockets = await Promise.all(opened)
        for (const socket of sockets) socket.resume().write(head)
        for (let second = 0; second < SECONDS; second += 1) {
          for (const socket of sockets) if (socket.writable) socket.write('x'.repeat(RATE))
          await delay(1000)
        }
        attackers.leave()
        return []
      }
    }
  }
}
