import type { StoreOptions } from '@reliw/store'
import { verify } from '../../harness/target.ts'
import { hostOf, pageOf, PATH } from './many-sites.ts'
import { serving } from './serving.ts'

/** Starts a server several times; milliseconds from each spawn to the first response. */
export async function measureStarts(options: StoreOptions, rounds: number): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const server = await serving(options)
    try {
      await verify('reliw', { port: server.port, host: hostOf(0), path: PATH, body: pageOf(0) })
      times.push(server.startTime)
    } finally {
      await server.stop()
    }
  }
  return times
}
