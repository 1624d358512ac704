/** The tests start real Redis servers of their own: this finds the program, or installs it. */
import { accessSync, constants, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runQuietly } from './run.mjs'

const POLICY = '/usr/sbin/policy-rc.d'
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
  if (process.getuid?.() !== 0 || onPath('apt-get', env) === undefined) throw new Error(HOW_TO)
  console.error('Installing redis-server…')
  await withoutServices(() => aptInstall('redis-server', env))
  const installed = find(env)
  if (installed === undefined) throw new Error(HOW_TO)
  return installed
}

function find(env) {
  return env.RELIW_REDIS_SERVER ? env.RELIW_REDIS_SERVER : onPath('redis-server', env)
}

function onPath(program, env) {
  const candidates = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))
  return candidates.find(isExecutable)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function aptInstall(name, env) {
  const context = { cwd: '/', env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } }
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  await runQuietly('apt-get', ['update'], context)
  await runQuietly('apt-get', [...wait, 'install', '-y', '--no-install-recommends', name], context)
  // Not now and not at the next boot: nobody asked for a Redis on port 6379.
  await runQuietly('update-rc.d', [name, 'disable'], context)
}

/** Debian starts what it installs, unless this file says no (Debian Policy 9.3.3, invoke-rc.d). */
async function withoutServices(install) {
  const ours = writePolicy()
  try {
    await install()
  } finally {
    if (ours) rmSync(POLICY, { force: true })
  }
}

function writePolicy() {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 })
    return true
  } catch {
    return false
  }
}
