import type { Outcome } from './exchange.ts'
import { readResponses } from './read-responses.ts'
import type { RequestCase } from './request-grammar.ts'

/** What was received, and what is wrong with it. */
export interface Verdict {
  readonly statuses: readonly number[]
  readonly fault: string | undefined
}

/** Whether a server may do so: a response that is HTTP, or a close; never 500 or 502, and never nothing at all. */
export function judge({ proper }: RequestCase, { received, end }: Outcome): Verdict {
  const methods = proper === undefined ? [] : [proper, 'GET']
  const { responses, problem } = readResponses(received, methods)
  const statuses = responses.map(({ status }) => status)
  return { statuses, fault: faultOf() }

  function faultOf(): string | undefined {
    if (end === 'hung') return 'neither responded nor closed'
    if (end === 'refused') return 'the server takes no connections'
    if (problem !== undefined) return problem
    if (statuses.includes(500)) return '500'
    // Its own origin answers whatever is HTTP.
    if (statuses.includes(502)) return '502'
    if (statuses.includes(504)) return '504'
    if (proper === undefined) return undefined
    if (responses.length === 0) return 'a proper request got no response'
    return responses[0]?.isWhole ? undefined : 'a proper request got an incomplete response'
  }
}
