/** Programs of the system that the tests need: found on the PATH, or installed from Debian. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runQuietly } from './run.mjs'

let updated

/** The path of `program` on the PATH of `env`; undefined where it is not there. */
export function onPath(program, env) {
  const candidates = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))
  return candidates.find(isExecutable)
}

/** Whether we are root on a Debian-like system. */
export function mayInstall(env) {
  return process.getuid?.() === 0 && onPath('apt-get', env) !== undefined
}

/** Installs a package; resolves to the exit code. The package lists are brought up to date once. */
export async function aptInstall(name, env) {
  const context = { cwd: '/', env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } }
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  updated ??= runQuietly('apt-get', ['update'], context)
  await updated
  const install = [...wait, 'install', '-y', '--no-install-recommends', name]
  return runQuietly('apt-get', install, context)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
