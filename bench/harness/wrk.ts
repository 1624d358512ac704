import { join } from 'node:path'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { spawnChild } from './child.ts'
import { requireProgram } from './program.ts'
import { type Target, UPLOAD_TYPE } from './target.ts'

/** How hard wrk pulls. */
export interface Load {
  seconds: number
  /** Connections kept open. */
  connections: number
}

/** What wrk saw. */
export interface WrkResult {
  requests: number
  /** Bytes received, heads included. */
  bytes: number
  /** How long it took. */
  microseconds: number
  /** Latencies in microseconds. */
  p50: number
  p99: number
}

interface Summary extends WrkResult {
  refused: number
  socket: number
}

/** How long wrk waits for a response, in seconds: its own 2 are short for many large bodies at once. */
const TIMEOUT = 10
/** How much longer than asked for a run may take, in milliseconds. */
const GRACE = 30_000

/**
 * Runs wrk with one thread over keep-alive connections.
 *
 * @throws Error when any response was not 2xx or 3xx, shorter than the body, or a connection failed
 */
export async function runWrk(target: Target, { seconds, connections }: Load): Promise<WrkResult> {
  const output = await run(
    [
      ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', `${TIMEOUT}s`],
      ['-s', join(import.meta.dirname, 'wrk.lua'), '-H', `Host: ${target.host}`],
      target.upload === undefined ? [] : ['-H', `Content-Type: ${UPLOAD_TYPE}`],
      Object.entries(target.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      [`http://127.0.0.1:${target.port}${target.path}`],
      target.upload === undefined ? [] : ['--', String(target.upload)]
    ].flat(),
    seconds * 1000 + GRACE
  )
  const line = output.split('\n').find((candidate) => candidate.startsWith('{'))
  if (line === undefined) throw new Error(`wrk failed:\n${output}`)
  const { refused, socket, ...result } = JSON.parse(line) as Summary
  const isShort = result.bytes < result.requests * target.body.length
  if (refused > 0 || socket > 0 || isShort || result.requests === 0) {
    throw new Error(`wrk saw wrong responses or failed connections: ${line}`)
  }
  return result
}

async function run(args: string[], limit: number): Promise<string> {
  const wrk = requireProgram('wrk', 'wrk is missing.')
  const child = spawnChild([wrk, ...args], { stdio: ['ignore', 'pipe', 'inherit'], timeout: limit })
  const exit = once(child, 'exit')
  const output = child.stdout === null ? '' : await text(child.stdout)
  await exit
  return output
}
