import { redisVersion } from './redis.ts'
import { findProgram, versionOf } from './program.ts'

interface Versioned {
  name: string
  version: string
}

/** The versions of what took part: the servers, the load generator, the store. */
export function versions(servers: readonly Versioned[]): Record<string, string> {
  const wrk = findProgram('wrk')
  return {
    ...Object.fromEntries(servers.map(({ name, version }) => [name, version])),
    ...redisVersion(),
    ...(wrk === undefined ? {} : { wrk: versionOf(wrk, ['-v']) })
  }
}

/** The same where many servers are one version: it is told once, under the first name, and the first of all is RELIW. */
export function versionsOnce(servers: readonly Versioned[]): Record<string, string> {
  const known = new Set<string>()
  const firsts = servers.filter(({ version }) => {
    const isNew = !known.has(version)
    known.add(version)
    return isNew
  })
  return versions(firsts.map((one, at) => (at === 0 ? { ...one, name: 'reliw' } : one)))
}
