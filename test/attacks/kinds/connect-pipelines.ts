import { setTimeout as delay } from 'node:timers/promises'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { Attackers, get } from '../attackers.ts'
import { startScript } from '../script-origin.ts'

const HOST = 'slots.test'
const SLOTS = 200
const ENDS = ['CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 'garbage\r\n\r\n', '\0', '']
const TIMES = 3
const LEAVES_AFTER = 500

/** Requests whose responses node never ends. */
export const connectPipelines: Attack = {
  name: 'connect-pipelines',
  does: '205 pipelined requests, then CONNECT, garbage or a reset; repeated',
  async prepare(t) {
    const origin = await startScript(t, () => undefined)
    const values = { ...calmValues, [`PROXY:${HOST}`]: { target: `127.0.0.1:${origin.port}` } }
    return {
      serve: { values, config: { max_concurrent_requests: SLOTS } },
      honest: [calmRequest],
      async run({ served }) {
        for (let time = 0; time < TIMES; time += 1) {
          for (const end of ENDS) {
            for (const host of ['calm.test', HOST]) {
              const attackers = new Attackers(served.port)
              await attackers.sendUnread(get(host, '/').repeat(SLOTS + 5) + end)
              await delay(LEAVES_AFTER)
              attackers.leave()
            }
          }
        }
        return []
      }
    }
  }
}
