/** The tests of the Lua patterns ask real Luas the same questions: this installs those missing. */
import { aptInstall, mayInstall, onPath } from './apt.mjs'

/** Debian's packages are named like their programs. */
const ENGINES = ['lua5.1', 'luajit']

/**
 * Puts `lua5.1` and `luajit` on the PATH where they are missing, as root on a Debian-like system.
 * Where that cannot be done it is no error: the tests that ask them are skipped, and say so.
 */
export async function installLua(env) {
  if (!mayInstall(env)) return
  for (const engine of ENGINES) {
    if (onPath(engine, env) !== undefined) continue
    console.error(`Installing ${engine}…`)
    // One by one: not every architecture has LuaJIT.
    await aptInstall(engine, env)
    if (onPath(engine, env) !== undefined) continue
    console.error(`${engine} could not be installed: the tests that ask it are skipped.`)
  }
}
