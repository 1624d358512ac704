/** The tests start real Redis servers of their own: this finds the program, or installs it. */
import { rmSync, writeFileSync } from 'node:fs'
import { aptInstall, mayInstall, onPath } from './apt.mjs'
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
  if (!mayInstall(env)) throw new Error(HOW_TO)
  console.error('Installing redis-server…')
  await withoutServices(() => installRedis(env))
  const installed = find(env)
  if (installed === undefined) throw new Error(HOW_TO)
  return installed
}

function find(env) {
  return env.RELIW_REDIS_SERVER ? env.RELIW_REDIS_SERVER : onPath('redis-server', env)
}

async function installRedis(env) {
  await aptInstall('redis-server', env)
  // Not now and not at the next boot: nobody asked for a Redis on port 6379.
  await runQuietly('update-rc.d', ['redis-server', 'disable'], { cwd: '/', env })
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
