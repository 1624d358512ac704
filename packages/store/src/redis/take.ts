import type { Take, Taken } from '@reliw/model'
import type { Cluster, Redis, Result } from 'ioredis'
import { TAKE_SCRIPT } from './take-script.ts'

type Reply = [allowed: number, remaining: number, reset: number, retryAfter: number]

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** The script is loaded on its first use on a connection, and again whenever the server has lost it. */
    reliwTake(keys: number, ...keysAndArguments: (string | number)[]): Result<unknown[], Context>
  }
}

/** Defines the script as a command of this client. */
export function defineTake(client: Redis | Cluster): void {
  client.defineCommand('reliwTake', { lua: TAKE_SCRIPT })
}

/**
 * Takes one use from each budget in a single command, which spreads the cost of a command over all of them. Rejects
 * with Redis' error.
 */
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

/**
 * Decodes the script's reply for one budget.
 * @throws the error reply, if it is one
 */
export function toTaken(reply: unknown): Taken {
  if (reply instanceof Error) throw reply
  const [allowed, remaining, reset, retryAfter] = reply as Reply
  return { allowed: allowed === 1, remaining, reset, retryAfter }
}
