import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { tempDir, type TestContext } from '@reliw/testing'

/** The folder of this workspace. */
export const root = resolve(import.meta.dirname, '..')

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** A checkout of its own: the real scripts around a small workspace. */
export interface Checkout {
  dir: string
  /** Writes a file of the checkout; one below `bin/` is a program, and is found before all others. */
  write: (file: string, text: string) => void
  read: (file: string) => string
  start: (args: string[], env?: NodeJS.ProcessEnv, options?: SpawnOptions) => ChildProcess
  run: (args: string[], env?: NodeJS.ProcessEnv) => Promise<Outcome>
}

const TAP = 'node_modules/tap/dist/esm/run.mjs'
/** The program 'tap' of a checkout runs in tap's place. */
const RUN_TAP = `import { spawnSync } from 'node:child_process'
process.exitCode = spawnSync('tap', process.argv.slice(2), { stdio: 'inherit' }).status ?? 1`

/** Its `npx`, which the bootstrap has install the dependencies, only writes a line to `installs`. */
export function createCheckout(t: TestContext): Checkout {
  const dir = tempDir(t)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
    if (file.startsWith('bin/')) chmodSync(join(dir, file), 0o755)
  }
  for (const file of ['bootstrap.mjs', 'bootstrap', 'tap-reporter.mjs']) {
    cpSync(join(root, 'scripts', file), join(dir, 'scripts', file), { recursive: true })
  }
  write('package.json', '{ "type": "module" }')
  write('pnpm-lock.yaml', '')
  write('pnpm-workspace.yaml', '')
  write(TAP, RUN_TAP)
  write('bin/npx', '#!/bin/sh\necho "$@" >> installs; echo installed; echo installed >&2\n')
  const start: Checkout['start'] = (args, env = {}, options = {}) =>
    spawn(process.execPath, [join(dir, 'scripts/bootstrap.mjs'), ...args], {
      cwd: dir,
      env: { ...cleanEnvironment(), PATH: `${dir}/bin:${process.env['PATH']}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options
    })
  const read: Checkout['read'] = (file) => readFileSync(join(dir, file), 'utf8')
  return { dir, write, read, start, run: async (...args) => outcomeOf(start(...args)) }
}

/** Gives a checkout the real tap, as its dependency. */
export function linkTap({ dir }: Checkout): void {
  rmSync(join(dir, 'node_modules/tap'), { recursive: true })
  symlinkSync(join(root, 'node_modules/tap'), join(dir, 'node_modules/tap'))
  cpSync(join(root, '.taprc'), join(dir, '.taprc'))
}

/** Without what npm and the tap that runs us left there. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:TAP|_TAPJS|npm_|INIT_CWD|NODE_OPTIONS|RELIW_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}

/** What a program says until it ends. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome = { code: -1, stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (outcome.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (outcome.stderr += chunk.toString()))
  const [code] = await once(child, 'close')
  return { ...outcome, code }
}
