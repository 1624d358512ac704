import { randomFrom, type TestContext } from '@reliw/testing'
import { serve, type Served } from '../served/serve.ts'
import type { LogLine } from '../served/server-log.ts'
import type { Values } from '../served/write-values.ts'
import { responseCase, comparable, type ResponseCase } from './response-grammar.ts'
import { atOnce } from './at-once.ts'
import { startCaseOrigin, type CaseOrigin } from './case-origin.ts'
import { seedOf } from './case-seed.ts'
import { clip } from './clip.ts'
import { exchange } from './exchange.ts'
import type { FuzzOptions, FuzzReport } from './fuzz-options.ts'
import { ailments, nodeFlags, restLines, restOf } from './health.ts'
import { readResponses } from './read-responses.ts'
import { Tally } from './tally.ts'

/**
 * Responses that have to arrive, and malformed ones, are of upstreams of their own: what an origin sends behind a response may
 * meet the next request on that connection, and nobody could tell it from its response.
 */
const PROPER = 'proper.test'
const MALFORMED = 'malformed.test'
const MOST_KINDS = 10
const KIND_LENGTH = 10

/** Has an origin send fuzzed responses to a server of its own, and reports what clients got. */
export async function fuzzOrigins(t: TestContext, options: FuzzOptions): Promise<FuzzReport> {
  const { count, width, seed, first, heap } = options
  const origin = await startCaseOrigin(t)
  const other = await startCaseOrigin(t)
  const served = await startProxy(t, { [PROPER]: origin, [MALFORMED]: other }, heap)
  const [statuses, kinds] = [new Tally(), new Tally()]
  const faults = new Map<string, string>()
  const run = async (index: number): Promise<boolean> => {
    const one = responseCase(randomFrom(seedOf(seed, index)), index)
    const { cases } = one.expected === undefined ? other : origin
    cases.set(index, one)
    const { received, end } = await exchange(served.port, requestOf(one, index), '127.0.0.1')
    cases.delete(index)
    const { responses, problem } = readResponses(received, [one.method])
    statuses.add(responses[0]?.status ?? 'none')
    const fault = faultOf(one, end, responses[0], problem)
    if (fault !== undefined) {
      const kind = fault.slice(0, KIND_LENGTH)
      kinds.add(kind)
      if (!faults.has(kind)) faults.set(kind, describe(one, index, fault, received))
    }
    options.onProgress?.(index)
    return served.isAlive && faults.size < MOST_KINDS
  }
  const middle = Math.floor(count / 2)
  await atOnce(middle, width, (index) => run(index + first))
  const half = await restOf(served)
  await atOnce(count - middle, width, (index) => run(index + first + middle))
  const end = await restOf(served)
  const ills = ailments(served, half, end, isOfTheOrigin)
  return {
    faults: [...faults.values(), ...ills],
    lines: [`faults ${kinds.text}`, `statuses ${statuses.text}`, ...restLines(half, end)]
  }
}

function startProxy(
  t: TestContext,
  origins: Readonly<Record<string, CaseOrigin>>,
  heap: number | undefined
): Promise<Served> {
  const upstream = {
    retry: false,
    circuit_breaker: false,
    health: { max_fails: 0 },
    timeouts: { headers: '10s', idle: '10s', total: '15s' }
  }
  const values = Object.entries(origins).map(([host, { port }]) => [
    `PROXY:${host}`,
    { target: `127.0.0.1:${port}`, ...upstream }
  ])
  const config = { pressure: { max_event_loop_delay: 0 } }
  return serve(t, {
    values: Object.fromEntries(values) as Values,
    config,
    flags: nodeFlags(heap)
  })
}

function requestOf(
  { method, expected }: ResponseCase,
  index: number
): Parameters<typeof exchange>[1] {
  const host = expected === undefined ? MALFORMED : PROPER
  const lines = [`${method} /case/${index} HTTP/1.1`, `Host: ${host}`, 'Connection: close']
  const body = method === 'POST' ? 'the end' : ''
  if (body !== '') lines.push(`Content-Length: ${body.length}`)
  return {
    bytes: `${lines.join('\r\n')}\r\n\r\n${body}`,
    ending: 'open',
    pace: 'whole',
    proper: method,
    isProbed: false
  }
}

/** What the origin does wrong is told as an error, and is none of the server's. */
function isOfTheOrigin({ msg, err }: LogLine): boolean {
  const status = (err as { statusCode?: number } | undefined)?.statusCode ?? 0
  return msg === 'request failed' && status > 500
}

type Read = ReturnType<typeof readResponses>['responses'][number]

/** What a client may not be given. */
function faultOf(
  { expected }: ResponseCase,
  end: string,
  response: Read | undefined,
  problem: string | undefined
): string | undefined {
  if (end === 'hung' || end === 'refused') return end
  if (problem !== undefined) return problem
  if (expected === undefined) return undefined
  if (response === undefined) return 'no response'
  const { status, body, isWhole, headers } = response
  if (status !== expected.status) return `status ${status} instead of ${expected.status}`
  if (!isWhole) return 'an incomplete response'
  if (body !== expected.body) return `a body of ${body.length} instead of ${expected.body.length}`
  const got = new Set(comparable(headers).map((field) => field.join(': ')))
  const missing = comparable(expected.headers).find((field) => !got.has(field.join(': ')))
  return missing === undefined ? undefined : `missing: ${JSON.stringify(missing.join(': '))}`
}

function describe(one: ResponseCase, index: number, fault: string, received: string): string {
  const bytes = clip(one.pieces.join(''))
  const { method, ending, pieces } = one
  return `case ${index} (${method}, ${pieces.length} pieces, ${ending}): ${fault}\n  ${bytes}\n  received ${clip(received)}`
}
