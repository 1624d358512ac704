import { startRedis, type RedisServer } from '@reliw/testing'
import { findProgram, versionOf } from './program.ts'

/** An empty Redis on a free port that ends with this process; `undefined` when it is not installed. */
export async function tryRedis(): Promise<RedisServer | undefined> {
  return redisProgram() === undefined ? undefined : startRedis()
}

/** Why there is no Redis. */
export const NO_REDIS = 'redis-server is not on the PATH'

/** Its name and version, for the report. */
export function redisVersion(): Record<string, string> {
  const program = redisProgram()
  return program === undefined ? {} : { Redis: versionOf(program, ['--version']) }
}

function redisProgram(): string | undefined {
  return process.env['RELIW_REDIS_SERVER'] ?? findProgram('redis-server')
}
