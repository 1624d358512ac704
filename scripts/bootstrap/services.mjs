/** Debian starts what it installs, and at every boot: here nobody asked for more than the programs. */
import { rmSync, writeFileSync } from 'node:fs'
import { aptInstall } from './apt.mjs'
import { runQuietly } from './run.mjs'

const POLICY = '/usr/sbin/policy-rc.d'

/** Installs a package whose service, named like the package, is neither started now nor at a boot. */
export async function installWithoutService(name, env) {
  const ours = writePolicy()
  try {
    const code = await aptInstall(name, env)
    if (code === 0) await runQuietly('update-rc.d', [name, 'disable'], { cwd: '/', env })
  } finally {
    if (ours) rmSync(POLICY, { force: true })
  }
}

/** While this file says no, no service is started (Debian Policy 9.3.3, invoke-rc.d). */
function writePolicy() {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 })
    return true
  } catch {
    return false
  }
}
