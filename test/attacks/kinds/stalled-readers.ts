import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { Attackers, get } from '../attackers.ts'
import { startScript } from '../script-origin.ts'

const HOST = 'stalled.test'
const CLIENTS = 30
const LASTS = 15_000
const CHUNKS = '1\r\nx\r\n'.repeat(10_000)

/** Small chunks cost more than their bytes wherever they wait. */
export const stalledReaders: Attack = {
  name: 'stalled-readers',
  does: '30 clients do not read what an origin sends in chunks of one byte',
  async prepare(t) {
    const origin = await startScript(t, (_head, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      pour(socket)
    })
    const proxy = { target: `127.0.0.1:${origin.port}` }
    return {
      serve: { values: { ...calmValues, [`PROXY:${HOST}`]: proxy } },
      honest: [calmRequest],
      async run({ served }) {
        const attackers = new Attackers(served.port)
        for (let count = 0; count < CLIENTS; count += 1) await attackers.sendUnread(get(HOST, '/'))
        await delay(LASTS)
        attackers.leave()
        return []
      }
    }
  }
}

/** As much as is taken. */
function pour(socket: Socket): void {
  while (!socket.destroyed && socket.write(CHUNKS));
  if (!socket.destroyed) socket.once('drain', () => pour(socket))
}
