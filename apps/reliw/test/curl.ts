import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { TestContext } from '@reliw/testing'

/** Why tests that need curl cannot run; false when they can. */
export const noCurl = spawnSync('curl', ['--version']).status !== 0 && 'curl is not installed'

export interface Curl {
  /** What it reads from stdin. */
  input: Writable
  /** Settles when it ends. */
  outcome: Promise<{ code: number; stdout: string; stderr: string }>
}

/** Runs curl for a path of a.example. It ends with the test. */
export function curl(t: TestContext, port: number, path: string, ...args: string[]): Curl {
  const url = `http://127.0.0.1:${port}${path}`
  const child = spawn('curl', [
    '-q',
    '-sS',
    '--noproxy',
    '*',
    '-H',
    'Host: a.example',
    ...args,
    url
  ])
  t.teardown(() => child.kill('SIGKILL'))
  const ends = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  const outcome = ends.then(([[code], stdout, stderr]) => ({
    code: code as number,
    stdout,
    stderr
  }))
  return { input: child.stdin.on('error', () => undefined), outcome }
}
