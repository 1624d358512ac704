import { redisVersion } from './redis.ts'
import { findProgram, versionOf } from './program.ts'

/** The versions of what took part: the servers, the load generator, the store. */
export function versions(
  servers: readonly { name: string; version: string }[]
): Record<string, string> {
  const wrk = findProgram('wrk')
  return {
    ...Object.fromEntries(servers.map(({ name, version }) => [name, version])),
    ...redisVersion(),
    ...(wrk === undefined ? {} : { wrk: versionOf(wrk, ['-v']) })
  }
}
