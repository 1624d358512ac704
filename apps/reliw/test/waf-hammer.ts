// Clients that never pause.

import { Agent, request } from 'node:http'
import type { TestContext } from '@reliw/testing'

export interface Hammer {
  /** How often each status was answered so far; 0: the connection broke. */
  statuses: Map<number, number>
  /** Responses so far. */
  count: () => number
  /** Settles when this many further requests were sent and answered. */
  further: (count: number) => Promise<void>
  /** Ends it. */
  stop: () => Promise<void>
}

const CONNECTIONS = 6

/** Asks for a path of a.example on several keep-alive connections, each as fast as it is answered. */
export function hammer(t: TestContext, port: number, path: string): Hammer {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const statuses = new Map<number, number>()
  let answered = 0
  const end = new AbortController()
  let waiting: { at: number; resolve: () => void }[] = []
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const status = await statusOf(agent, port, path)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      answered += 1
      for (const { at, resolve } of waiting) if (answered >= at) resolve()
      waiting = waiting.filter(({ at }) => answered < at)
    }
  }
  const loops = Promise.all(Array.from({ length: CONNECTIONS }, loop))
  const stop = async (): Promise<void> => {
    end.abort()
    await loops
    agent.destroy()
  }
  t.teardown(stop)
  const further: Hammer['further'] = async (count) =>
    // Those under way now are not counted.
    new Promise((resolve) => waiting.push({ at: answered + CONNECTIONS + count, resolve }))
  return { statuses, count: () => answered, further, stop }
}

async function statusOf(agent: Agent, port: number, path: string): Promise<number> {
  return new Promise((resolve) => {
    request({ agent, port, path, headers: { host: 'a.example' } }, (response) => {
      response.resume().once('close', () => resolve(response.statusCode ?? 0))
    })
      .on('error', () => resolve(0))
      .end()
  })
}
