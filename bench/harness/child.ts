import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { findProgram } from './program.ts'

/** How long a program may take to end when it is asked to, in milliseconds. */
const PATIENCE = 5000

const running = new Set<ChildProcess>()
let isWatched = false

/**
 * Spawns a program that does not outlive us: it gets SIGTERM when this process exits and, on Linux
 * with util-linux' `setpriv`, also when this process is killed. SIGTERM, because nginx takes its
 * workers along only then.
 */
export function spawnChild(command: readonly string[], options: SpawnOptions): ChildProcess {
  const setpriv = findProgram('setpriv')
  const guard = setpriv ? [setpriv, '--pdeathsig', 'TERM', '--'] : []
  const [program = '', ...args] = [...guard, ...command]
  const child = spawn(program, args, options)
  if (!isWatched) process.once('exit', endAll)
  isWatched = true
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Ends a program in order, and after five seconds for certain. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  await exit
  clearTimeout(timer)
}

function endAll(): void {
  for (const child of running) child.kill('SIGTERM')
}
