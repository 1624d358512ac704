import { startRedis, type TestContext } from '@reliw/testing'
import { calmRequest, calmValues, type Prepared } from './attack.ts'
import { flood } from './flood.ts'
import { growth, sizeOf } from './store-size.ts'

export interface StoreFlood {
  /** The host that is asked. */
  readonly host: string
  /** What the store has beside the calm host. */
  readonly values: Record<string, unknown>
  readonly paths: Iterable<string>
  /** Statuses that have to be among the responses, and what is wrong without them. */
  readonly expected: Readonly<Record<number, string>>
}

/** Prepares an attack by one client that asks for many paths: the store, a Redis of its own, must hardly grow. */
export async function prepareStoreFlood(
  t: TestContext,
  { host, values, paths, expected }: StoreFlood
): Promise<Prepared> {
  const redis = await startRedis(t)
  const { host: address, port } = redis.options
  return {
    serve: { values: { ...calmValues, ...values }, config: { redis: { host: address, port } } },
    honest: [calmRequest],
    async run({ served }) {
      const before = await sizeOf(redis)
      const responses = await flood(served.port, host, paths)
      const found = growth(before, await sizeOf(redis))
      for (const [status, missing] of Object.entries(expected))
        if (!responses.has(Number(status))) found.push(missing)
      return found
    }
  }
}
