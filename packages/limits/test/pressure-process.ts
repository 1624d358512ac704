import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { TestContext } from '@reliw/testing'
import type { Pressure } from '../src/pressure/gauge.ts'
import type { PressureOptions } from '../src/pressure/options.ts'
import type { Resource } from '../src/pressure/resources.ts'

const CHILD = join(import.meta.dirname, 'pressure-child.ts')

/** A change of the level, or a response to a command. */
export interface Message extends Partial<Pressure> {
  readonly resource?: Resource
  readonly share?: number
  readonly isReady?: true
  readonly isShort?: true
  readonly refused?: string
  readonly listed?: string
  readonly young?: string
}

export interface PressureProcess {
  /** Sends one of the commands of `pressure-child.ts`. */
  send: (command: string) => void
  /** The next message that has these fields. */
  until: (fields: Message) => Promise<Message>
}

/** Starts a process that watches itself ten times a second, with its own options of Node. */
export async function startPressureProcess(
  t: TestContext,
  options: PressureOptions,
  nodeOptions: string[] = [],
  maxOpenFiles = 1_000
): Promise<PressureProcess> {
  const script = `unset NODE_OPTIONS; ulimit -n ${maxOpenFiles}; exec "$0" "$@"`
  const json = JSON.stringify({ interval: '100ms', ...options })
  const args = ['--conditions=@reliw/source', ...nodeOptions, CHILD, json]
  const child = spawn('sh', ['-c', script, process.execPath, ...args])
  t.teardown(() => child.kill('SIGKILL'))
  const errors = text(child.stderr)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()

  const until: PressureProcess['until'] = async (fields) => {
    for (;;) {
      const line = await lines.next()
      if (line.done === true) throw new Error(`it ended: ${await errors}`)
      const message = JSON.parse(line.value) as Message
      if (hasAll(message, fields)) return message
    }
  }
  await until({ isReady: true })
  return { send: (command) => child.stdin.write(`${command}\n`), until }
}

function hasAll(message: Message, fields: Message): boolean {
  const wanted = Object.keys(fields) as (keyof Message)[]
  return wanted.every((name) => message[name] === fields[name])
}
