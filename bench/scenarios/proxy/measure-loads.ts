import type { BenchOptions } from '../../harness/arguments.ts'
import { Lineup } from '../../harness/lineup.ts'
import { type Measurement, measure, progress } from '../../harness/rounds.ts'
import { caddyProxy } from '../../peers/caddy.ts'
import { nginxProxy } from '../../peers/nginx.ts'
import { fastifyHttpProxy, httpProxy, replyFrom, undiciDispatch } from '../../peers/node-proxies.ts'
import { LOADS, type Load } from './loads.ts'
import { startOrigin } from './origin.ts'
import { reliwProxy } from './reliw-proxy.ts'

/** All proxies under one load, reliw first. */
export interface Loaded {
  title: string
  measured: Measurement[]
  leftOut: Lineup['leftOut']
}

/** Keep-alive connections to a proxy. */
export const CONNECTIONS = 32

const PEERS = [nginxProxy, caddyProxy, fastifyHttpProxy, httpProxy, replyFrom, undiciDispatch]

/** Measures one load after another, each with all proxies in turn. */
export async function measureLoads(
  host: string,
  { rounds, seconds }: BenchOptions
): Promise<Loaded[]> {
  const origin = await startOrigin(host)
  try {
    const results: Loaded[] = []
    for (const load of LOADS) {
      progress(load.title)
      const lineup = await start(load, host, origin.port)
      try {
        const measured = await measure(lineup, { seconds, connections: CONNECTIONS }, rounds)
        results.push({ title: load.title, measured, leftOut: lineup.leftOut })
      } finally {
        await lineup.stop()
      }
    }
    return results
  } finally {
    await origin.stop()
  }
}

async function start({ asked }: Load, host: string, origin: number): Promise<Lineup> {
  const lineup = new Lineup({ host, ...asked })
  try {
    await lineup.add(await reliwProxy(host, origin))
    for (const peer of PEERS) await lineup.add(peer(origin))
    return lineup
  } catch (error) {
    await lineup.stop()
    throw error
  }
}
