import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** A line of a server's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string }

interface Started {
  readonly port: number
  readonly metricsPort: number
}

/** pino's level `error`. */
const ERROR = 50
/** Most of either that are kept, the latest. */
const MAX_KEPT = 20_000

/** Reads what a server writes, and keeps what speaks of faults. */
export class ServerLog {
  /** Lines of level `error` and above. */
  readonly faults: LogLine[] = []
  /** Lines of level `warn`. */
  readonly warnings: LogLine[] = []
  /** The end of what came on stderr. */
  stderr = ''
  /** Access lines so far. */
  requests = 0
  /** Where the inspector listens, as node says it first of all. */
  inspector = ''
  #started = Promise.withResolvers<Started>()

  constructor(stdout: Readable, stderr: Readable) {
    createInterface(stdout).on('line', (line) => this.#take(line))
    stderr.on('data', (data: Buffer) => {
      this.stderr = (this.stderr + data).slice(-10_000)
      this.inspector ||= /^Debugger listening on (ws:\S+)$/m.exec(this.stderr)?.[1] ?? ''
    })
  }

  /** Resolves when it listens. Rejects with what it wrote when it ends instead, or takes too long. */
  async started(timeoutMs: number, exit: Promise<unknown>): Promise<Started> {
    const { promise: late, resolve: end } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => end(undefined), timeoutMs)
    const ended = exit.then(() => undefined)
    const started = await Promise.race([this.#started.promise, ended, late])
    clearTimeout(timer)
    if (started === undefined) throw new Error(`the server did not start: ${this.stderr}`)
    return started
  }

  #take(text: string): void {
    if (text.includes('"msg":"request"')) {
      this.requests += 1
      return
    }
    const line = JSON.parse(text) as LogLine
    const level = Number(line['level'])
    if (level >= ERROR) keep(this.faults, line)
    else if (level > 30) keep(this.warnings, line)
    if (line.msg === 'started') this.#started.resolve(portsOf(line))
  }
}

function keep(lines: LogLine[], line: LogLine): void {
  lines.push(line)
  if (lines.length > MAX_KEPT) lines.shift()
}

function portsOf(line: LogLine): Started {
  const [url] = line['urls'] as string[]
  return { port: portIn(url), metricsPort: portIn(line['metrics']) }
}

function portIn(url: unknown): number {
  return Number(new URL(String(url)).port)
}
