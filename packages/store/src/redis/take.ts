import type { Take, Taken } from '@reliw/model'
import type { Cluster, Redis, Result } from 'ioredis'
import { TAKE_SCRIPT } from './take-script.ts'

type Reply = [allowed: number, remaining: number, reset: number, retryAfter: number]

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Loaded when it is first used on a connection, and again whenever the server has lost it. */
    reliwTake(keys: number, ...keysAndArguments: (string | number)[]): Result<unknown[], Context>
  }
}

/** Makes the script a command of this client. */
export function defineTake(client: Redis | Cluster): void {
  client.defineCommand('reliwTake', { lua: TAKE_SCRIPT })
}

/** Uses one of each budget, in one command: what a command costs, many share. Rejects with what Redis says. */
export async function takeAll(client: Redis | Cluster, takes: readonly Take[]): Promise<Taken[]> {
  const keys: string[] = []
  const values: (string | number)[] = []
  for (const { key, algorithm, limit, period, burst = limit } of takes) {
    keys.push(key)
    values.push(algorithm, limit, period, burst)
  }
  const replies = await client.reliwTake(keys.length, ...keys, ...values)
  return replies.map(toTaken)
}

/** What the script says of one budget. */
export function toTaken(reply: unknown): Taken {
  if (reply instanceof Error) throw reply
  const [allowed, remaining, reset, retryAfter] = reply as Reply
  return { allowed: allowed === 1, remaining, reset, retryAfter }
}
