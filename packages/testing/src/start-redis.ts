import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority } from './certificate.ts'
import { HOST, launch, type RedisServer } from './redis-server.ts'
import { tempDir } from './temp-dir.ts'
import type { TestContext } from './test-context.ts'

export interface RedisServerOptions {
  /** TLS only, with a certificate for 127.0.0.1 and localhost. Default false. */
  tls?: boolean
  /** What clients must AUTH with. Default: nothing. */
  password?: string
  /** A node of a Redis Cluster, on its own until it meets others. Default false. */
  cluster?: boolean
  /** More arguments for `redis-server`, such as `['--maxmemory', '1mb']`. */
  args?: string[]
}

/**
 * Starts a real, empty Redis (7 or newer) on a free loopback port. It keeps nothing on disk, and
 * ends with the test, else with the process.
 */
export async function startRedis(
  t?: TestContext,
  options: RedisServerOptions = {}
): Promise<RedisServer> {
  const { password } = options
  const dir = tempDir(t)
  const tls = options.tls ? await writeCertificates(dir) : undefined
  return launch(t, (port, busPort) => ({
    port,
    busPort,
    dir,
    password,
    tls,
    args: toArguments(port, busPort, options)
  }))
}

function toArguments(port: number, busPort: number, options: RedisServerOptions): string[] {
  const { tls = false, password, cluster = false, args = [] } = options
  const always = { bind: HOST, save: '', 'shutdown-timeout': '0', 'repl-diskless-sync-delay': '0' }
  return [
    ...Object.entries(always).flatMap(([name, value]) => [`--${name}`, value]),
    ...(tls ? ['--port', '0', '--tls-port', `${port}`] : ['--port', `${port}`]),
    ...(tls ? ['--tls-ca-cert-file', 'ca.pem', '--tls-auth-clients', 'no'] : []),
    ...(tls ? ['--tls-cert-file', 'cert.pem', '--tls-key-file', 'key.pem'] : []),
    ...(password === undefined ? [] : ['--requirepass', password, '--masterauth', password]),
    ...(cluster ? ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`] : []),
    ...args
  ]
}

async function writeCertificates(dir: string): Promise<{ ca: string; caFile: string }> {
  const authority = await createAuthority()
  const { cert, key } = await authority.issue(['localhost', HOST])
  const caFile = join(dir, 'ca.pem')
  writeFileSync(caFile, authority.cert)
  writeFileSync(join(dir, 'cert.pem'), cert)
  writeFileSync(join(dir, 'key.pem'), key)
  return { ca: authority.cert, caFile }
}
