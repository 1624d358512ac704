import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { spawnGuarded } from './spawn-guarded.ts'

const READY = /Ready to accept connections|Sentinel ID is/

/** Whether the installed Redis was built with TLS, for tests to be skipped where it was not. */
export function redisHasTls(): boolean {
  const { stdout } = spawnSync(program(), ['--tls-port', 'none'], { encoding: 'utf8' })
  return !stdout.includes('Bad directive') && !stdout.includes('wrong number of arguments')
}

/**
 * Starts `redis-server` (RELIW_REDIS_SERVER, else from the PATH) and resolves when it takes
 * connections. Rejects with all that it wrote when it exits instead.
 */
export async function startRedisProcess(args: string[], cwd: string): Promise<ChildProcess> {
  const child = spawnGuarded(program(), args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (READY.test(output)) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', (cause) => reject(new Error('redis-server cannot be started', { cause })))
    child.once('close', () => reject(new Error(`redis-server did not start: ${output}`)))
  })
  // From now on the output only needs to flow.
  child.stdout?.removeAllListeners('data').resume()
  child.stderr?.removeAllListeners('data').resume()
  return child
}

/** Sends a signal that ends the process, stopped (SIGSTOP) or not, and waits for its end. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  child.kill('SIGCONT')
  await exit
}

function program(): string {
  return process.env['RELIW_REDIS_SERVER'] ?? 'redis-server'
}
