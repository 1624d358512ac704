import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { tempDir } from '@reliw/testing'
import type { Test } from 'tap'
import type { Config } from '../../src/index.ts'
import { runCommand } from '../../src/run-command.ts'
import type { Shell } from '../../src/shell.ts'
import { findLine, type Line } from '../log-lines.ts'

/** The command line, from source. */
export const CLI = resolve(import.meta.dirname, '../../src/cli.ts')

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** A folder with a config, in which commands run. */
export interface Workplace {
  dir: string
  /** Runs a command to its end, in this process. */
  run: (args: string[], input?: string | Buffer) => Promise<Outcome>
  /** Runs one that has to succeed and say nothing on stderr; returns what it prints. */
  reliw: (...args: string[]) => Promise<string>
  /** Runs a command to its end in a process of its own. */
  runAlone: Workplace['run']
  /** Starts a command as a process, and leaves it to the test. */
  spawn: (args: string[]) => ChildProcess
  /** Starts a server and waits until it listens. */
  serve: () => Promise<Served>
}

export interface Served {
  child: ChildProcess
  port: number
  urls: string[]
  log: Line[]
  /** The first line that has these fields, when it is there. */
  line: (fields: Record<string, unknown>) => Promise<Line>
  /** Ends it in order; resolves to its exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Makes the folder. Whatever is not configured is the default, but for free ports. */
export function createWorkplace(t: Test, config: Config = {}): Workplace {
  const dir = tempDir(t)
  const file = join(dir, 'reliw.json')
  const defaults: Config = { port: 0, metrics: { port: 0 }, data_dir: join(dir, 'www') }
  writeFileSync(file, JSON.stringify({ ...defaults, ...config }))
  const start = (args: string[]): ChildProcess => {
    const child = spawn(process.execPath, ['--conditions=@reliw/source', CLI, ...args], {
      cwd: dir,
      env: cleanEnvironment(),
      stdio: 'pipe'
    })
    t.teardown(() => child.kill('SIGKILL'))
    return child
  }
  const run: Workplace['run'] = async (args, input = '') => {
    const [stdout, stderr] = [new Collected(), new Collected()]
    const stdin = Readable.from([input])
    const shell: Shell = { stdin, stdout, stderr, env: cleanEnvironment(), cwd: () => dir }
    await runCommand(args, shell)
    return { code: Number(shell.exitCode ?? 0), stdout: stdout.latin1, stderr: stderr.utf8 }
  }
  const runAlone: Workplace['run'] = async (args, input) => {
    const child = start(args)
    const outcome = collect(child)
    child.stdin?.on('error', () => undefined).end(input)
    const [code] = (await once(child, 'close')) as [number | null]
    return { ...outcome(), code }
  }
  const reliw: Workplace['reliw'] = async (...args) => {
    const { code, stdout, stderr } = await run(args)
    if (code !== 0 || stderr !== '') throw new Error(`reliw ${args.join(' ')}: ${code} ${stderr}`)
    return stdout
  }
  return { dir, run, runAlone, reliw, spawn: start, serve: async () => served(start(['serve'])) }
}

async function served(child: ChildProcess): Promise<Served> {
  const outcome = collect(child)
  const log: Line[] = []
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) log.push(JSON.parse(line) as Line)
  })
  const line: Served['line'] = (fields) => findLine(log, fields)
  const started = await Promise.race([line({ msg: 'started' }), once(child, 'exit')])
  if (Array.isArray(started)) throw new Error(`it ended: ${outcome().stderr}`)
  const urls = started['urls'] as string[]
  const stop: Served['stop'] = async (signal = 'SIGTERM') => {
    if (child.exitCode === null) {
      const exit = once(child, 'close')
      child.kill(signal)
      await exit
    }
    return child.exitCode
  }
  return { child, port: Number(new URL(urls[0] ?? '').port), urls, log, line, stop }
}

/** What a command writes. */
class Collected {
  readonly #chunks: Buffer[] = []

  write(chunk: string | Uint8Array): boolean {
    this.#chunks.push(Buffer.from(chunk as Uint8Array))
    return true
  }

  get latin1(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }

  get utf8(): string {
    return Buffer.concat(this.#chunks).toString()
  }
}

function collect(child: ChildProcess): () => Omit<Outcome, 'code'> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  return () => ({
    stdout: Buffer.concat(stdout).toString('latin1'),
    stderr: Buffer.concat(stderr).toString()
  })
}

/** Without what configures the test runner, or a server of the developer's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:TAP|_TAPJS|npm_|NODE_OPTIONS|RELIW_|PORT$|HOST$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
