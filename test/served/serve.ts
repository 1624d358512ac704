import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { HUNG_AFTER, spawnGuarded, tempDir, type TestContext } from '@reliw/testing'
import type { Config } from 'reliw'
import { heldMemory } from './held-memory.ts'
import { ServerLog } from './server-log.ts'
import { usageOf, type Usage } from './usage.ts'
import { writeValues, type Values } from './write-values.ts'

const CLI = resolve(import.meta.dirname, '../../apps/reliw/src/cli.ts')

export interface ServeOptions {
  values: Values
  config?: Config
  /** Options of node. */
  flags?: readonly string[]
  /** The folder of a control group that it is to run in, from its first instruction on. */
  cgroup?: string | undefined
}

/** `reliw serve` in a process of its own, from source. */
export interface Served {
  readonly pid: number
  readonly port: number
  readonly log: ServerLog
  /** Whether it lives. */
  readonly isAlive: boolean
  usage: () => Usage
  /** Bytes of objects and buffers that are no garbage, which is collected first. Needs the flag `INSPECTED`. */
  held: () => Promise<number>
  /** The sum of a metric over its labels. Rejects when it does not answer. */
  metric: (name: string) => Promise<number>
  /** Ends it in order; resolves to its exit code, or null when a signal ended it. */
  stop: () => Promise<number | null>
}

/** Starts it on free ports of loopback, with a store that holds `values`. It ends with the test. */
export async function serve(
  t: TestContext,
  { values, config = {}, flags = [], cgroup }: ServeOptions
): Promise<Served> {
  const dir = tempDir(t)
  const store = { dir: join(dir, 'store'), ...config.store }
  const base: Config = {
    port: 0,
    metrics: { port: 0 },
    data_dir: join(dir, 'www'),
    drain_timeout: 1
  }
  const whole = { ...base, ...config, store }
  await writeValues(config.redis === undefined ? store : { ...store, redis: config.redis }, values)
  writeFileSync(join(dir, 'reliw.json'), JSON.stringify(whole))
  const command = [process.execPath, ...flags, '--conditions=@reliw/source', CLI, 'serve']
  const [program = '', ...args] = [...joining(cgroup), ...command]
  const child = spawnGuarded(program, args, {
    cwd: dir,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  const log = new ServerLog(child.stdout as Readable, child.stderr as Readable)
  const started = await log.started(HUNG_AFTER, once(child, 'exit'))
  return {
    pid: child.pid ?? 0,
    port: started.port,
    log,
    get isAlive() {
      return !isOver()
    },
    usage: () => usageOf(child.pid ?? 0),
    held: () => heldMemory(log.inspector),
    metric: (name) => readMetric(started.metricsPort, name),
    stop: async () => {
      if (!isOver()) {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }
      return child.exitCode
    }
  }
}

/** A shell that joins the group, and executes in its own place what follows: the process id stays. */
function joining(cgroup: string | undefined): string[] {
  if (cgroup === undefined) return []
  return ['/bin/sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup]
}

async function readMetric(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  const lines = (await response.text()).split('\n')
  const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

/** Without what configures the test runner, or a server of the developer's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:TAP|_TAPJS|npm_|NODE_OPTIONS|RELIW_CONFIG_FILE)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
