import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'

const running = new Set<ChildProcess>()
let guard: string[] | undefined

/**
 * Spawns a program that does not outlive us: it is killed when this process exits, and on Linux,
 * with util-linux' `setpriv`, also when this process is itself killed.
 */
export function spawnGuarded(program: string, args: string[], options: SpawnOptions): ChildProcess {
  guard ??= findGuard()
  const [command = program, ...rest] = [...guard, program, ...args]
  const child = spawn(command, rest, options)
  if (running.size === 0) process.once('exit', killAll)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** `setpriv` executes the program in its own place, so the process id stays the child's. */
function findGuard(): string[] {
  const command = ['setpriv', '--pdeathsig', 'KILL', '--']
  const { status } = spawnSync('setpriv', [...command.slice(1), 'true'])
  return status === 0 ? command : []
}
