import type { Contestant, Lineup } from '../../harness/lineup.ts'
import { measure, type Measurement } from '../../harness/rounds.ts'
import { ask } from '../../harness/target.ts'
import type { Load } from '../../harness/wrk.ts'
import { LIMIT } from './protected-site.ts'

/** What was found of a server. */
export interface Found extends Measurement {
  /**
   * The share of its responses that its policy counted where it should; absent without a policy. Those are missing
   * that the process counted by itself because the store was too slow. What wrk left unread makes it a little
   * more than 1.
   */
  counted: number | undefined
}

/** Measures the servers, and whether they did all their counting. */
export async function measureCounted(lineup: Lineup, load: Load, rounds: number): Promise<Found[]> {
  const { contestants } = lineup
  let before: (number | undefined)[] = []
  const measured = await measure(lineup, load, rounds, async () => {
    before = await Promise.all(contestants.map(usesOf))
  })
  const after = await Promise.all(contestants.map(usesOf))
  return measured.map((measurement, at) => {
    const responses = measurement.rounds.reduce((sum, { requests }) => sum + requests, 0)
    const [from, to] = [before[at], after[at]]
    const counted = from === undefined || to === undefined ? undefined : (to - from) / responses
    return { ...measurement, counted }
  })
}

/** How much of the budget is used: as RateLimit has it, or as @fastify/rate-limit does. */
async function usesOf({ target }: Contestant): Promise<number | undefined> {
  const { headers } = await ask(target)
  const valueOf = (name: string): string | undefined => {
    const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
    return at === -1 ? undefined : headers[at + 1]
  }
  const left = /;r=(\d+)/.exec(valueOf('ratelimit') ?? '')?.[1] ?? valueOf('x-ratelimit-remaining')
  return left === undefined ? undefined : LIMIT - Number(left)
}
