/** The tests have Prometheus' own checker look at metrics, rules and alerts: this installs it. */
import { mayInstall, onPath } from './apt.mjs'
import { installWithoutService } from './services.mjs'

/**
 * Puts `promtool` on the PATH where it is missing, as root on a Debian-like system. Where that
 * cannot be done it is no error: the tests that ask it are skipped, and say so.
 */
export async function installPromtool(env) {
  if (onPath('promtool', env) !== undefined || !mayInstall(env)) return
  console.error('Installing promtool…')
  // Debian has it in the package of the server.
  await installWithoutService('prometheus', env)
  if (onPath('promtool', env) !== undefined) return
  console.error('promtool could not be installed: the tests that ask it are skipped.')
}
