import type { StoreOptions } from '@reliw/store'
import type { Usage } from '../../harness/process-usage.ts'
import { ask, oneConnection } from '../../harness/target.ts'
import { hostOf, pageOf, PATH } from './many-sites.ts'
import { serving } from './serving.ts'

/** What servers hold: on an empty and on a full store, after the first response and after many. */
export interface Memory {
  empty: Usage
  emptyAsked: Usage
  full: Usage
  fullAsked: Usage
}

/** Asks for the first `count` sites once, on a full store and, for comparison, on an empty one. */
export async function measureMemory(
  full: StoreOptions,
  empty: StoreOptions,
  count: number
): Promise<Memory> {
  const [nothing, nothingAsked] = await askAll(empty, count, () => undefined)
  const [first, all] = await askAll(full, count, pageOf)
  return { empty: nothing, emptyAsked: nothingAsked, full: first, fullAsked: all }
}

async function askAll(
  options: StoreOptions,
  count: number,
  expected: (index: number) => Buffer | undefined
): Promise<[first: Usage, asked: Usage]> {
  const server = await serving(options)
  const agent = oneConnection()
  try {
    const first = server.usage()
    for (let index = 0; index < count; index++) {
      const response = await ask({ port: server.port, host: hostOf(index), path: PATH }, agent)
      const body = expected(index)
      const isRight = body === undefined ? response.status === 404 : response.body.equals(body)
      if (!isRight)
        throw new Error(`${hostOf(index)} responds with ${response.status} instead of its page`)
    }
    return [first, server.usage()]
  } finally {
    agent.destroy()
    await server.stop()
  }
}
