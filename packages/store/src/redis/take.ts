import type { Cluster, Redis, Result } from 'ioredis'
import type { Take, Taken } from '../driver.ts'
import { TAKE_SCRIPT } from './take-script.ts'

type Reply = [allowed: number, remaining: number, reset: number, retryAfter: number]

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Loaded when it is first used on a connection, and again whenever the server has lost it. */
    reliwTake(
      key: string,
      algorithm: string,
      limit: number,
      period: number,
      burst: number
    ): Result<Reply, Context>
  }
}

/** Makes the script a command of this client and of its pipelines. */
export function defineTake(client: Redis | Cluster): void {
  client.defineCommand('reliwTake', { numberOfKeys: 1, lua: TAKE_SCRIPT })
}

/** The script's arguments after its name. */
export function takeArguments({
  key,
  algorithm,
  limit,
  period,
  burst = limit
}: Take): Parameters<Redis['reliwTake']> {
  return [key, algorithm, limit, period, burst]
}

export function toTaken(reply: unknown): Taken {
  const [allowed, remaining, reset, retryAfter] = reply as Reply
  return { allowed: allowed === 1, remaining, reset, retryAfter }
}
