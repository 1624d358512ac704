/** The tests start real Redis servers of their own: this finds the program, or installs it. */
import { mayInstall, onPath } from './apt.mjs'
import { installWithoutService } from './services.mjs'

const HOW_TO =
  'The tests need redis-server 7 or newer: install your system’s Redis package, ' +
  'or set RELIW_REDIS_SERVER to the program’s path.'

/**
 * The path of a `redis-server`: RELIW_REDIS_SERVER, else the one on the PATH, else, as root on a
 * Debian-like system, a newly installed one. Rejects with one sentence on how to get it.
 */
export async function findOrInstallRedis(env) {
  const found = find(env)
  if (found !== undefined) return found
  if (!mayInstall(env)) throw new Error(HOW_TO)
  console.error('Installing redis-server…')
  await installWithoutService('redis-server', env)
  const installed = find(env)
  if (installed === undefined) throw new Error(HOW_TO)
  return installed
}

function find(env) {
  return env.RELIW_REDIS_SERVER ? env.RELIW_REDIS_SERVER : onPath('redis-server', env)
}
