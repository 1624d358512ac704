// Servers whose log is elsewhere than in their output, or whose output nobody reads.

import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import type { Config } from '../../src/index.ts'
import type { Line } from '../log-lines.ts'
import { createWorkplace } from './run-cli.ts'
import { ask } from './serving.ts'

/** Bytes of a line that `askAtLength` brings about, at least. */
export const LONG_LINE = 14_000

export interface LogPlace {
  dir: string
  /** The file that is configured for the log. */
  file: string
  port: number
  /** Starts the server and waits until it answers. */
  start: () => Promise<ChildProcess>
  /** Asks for what is not there, which takes a long line to tell. Resolves to the status. */
  askAtLength: () => Promise<number>
  /** Requests that were answered so far. */
  answered: () => number
}

/** Makes a folder with a config whose log is a file in it, unless it is to be the output. */
export async function createLogPlace(t: Test, config: Config = {}): Promise<LogPlace> {
  const port = await freePort()
  const place = createWorkplace(t, {
    port,
    log_file: 'log',
    metrics: { disabled: true },
    ...config
  })
  let answered = 0
  const askFor = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
    const { status } = await ask(port, path, headers)
    answered++
    return status
  }
  return {
    dir: place.dir,
    file: join(place.dir, 'log'),
    port,
    start: async () => {
      const child = place.spawn(['serve'])
      await waitFor(async () => (await askFor('/')) === 404, 'the server')
      return child
    },
    askAtLength: () =>
      askFor(`/${'x'.repeat(LONG_LINE / 2)}`, { 'user-agent': 'x'.repeat(LONG_LINE / 2) }),
    answered: () => answered
  }
}

/** The lines of a file; none where there is no file. */
export function linesIn(file: string): Line[] {
  return existsSync(file) ? linesOf(readFileSync(file, 'utf8')) : []
}

/** The lines of a text, the last of which may not have its end yet. */
export function linesOf(text: string): Line[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Line)
}
