import { setTimeout as delay } from 'node:timers/promises'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { Attackers, get } from '../attackers.ts'
import { HELLO, startScript } from '../script-origin.ts'

const HOST = 'left.test'
const CLIENTS = 600
/** How many requests each has sent before it leaves: what waits behind the first must not hide that its client has left. */
const ROUNDS = [1, 1, 205]
const SETTLES = 2000
/** Far less than an origin may take to answer, in milliseconds. */
const PATIENCE = 20_000
const POLL = 100
const MOST_HELD = 20

/** The rate is counted before the request is forwarded: time enough to have left. */
export const leftClients: Attack = {
  name: 'left-clients',
  does: '600 clients of an origin that never responds reset at once',
  async prepare(t) {
    const origin = await startScript(t, (head, socket) => {
      if (!head.startsWith('GET /hang')) socket.write(HELLO)
    })
    const values = {
      ...calmValues,
      [`PROXY:${HOST}`]: { target: `127.0.0.1:${origin.port}` },
      [`SITE:${HOST}`]: { rate_limits: [{ name: 'all', limit: 100_000, period: '1m' }] }
    }
    return {
      serve: { values },
      honest: [calmRequest, { host: HOST, path: '/' }],
      async run({ served }) {
        for (const requests of ROUNDS) {
          const attackers = new Attackers(served.port)
          await Promise.all(
            Array.from({ length: CLIENTS }, async () => {
              const socket = await attackers.open()
              const bytes = get(HOST, '/hang').repeat(requests)
              socket.write(bytes, () => socket.resetAndDestroy())
            })
          )
          await delay(SETTLES)
        }
        const end = performance.now() + PATIENCE
        while (origin.connections > MOST_HELD && performance.now() < end) await delay(POLL)
        const held = origin.connections
        return held > MOST_HELD
          ? [`the origin holds ${held} connections for clients that have left`]
          : []
      }
    }
  }
}
