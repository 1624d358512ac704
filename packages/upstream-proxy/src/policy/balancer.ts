import type { Upstream } from '@reliw/model'
import type { Balancer } from './balancing/candidate.ts'
import { InTurn } from './balancing/in-turn.ts'
import { Rendezvous } from './balancing/rendezvous.ts'
import { TwoChoices } from './balancing/two-choices.ts'
import { Weighted } from './balancing/weighted.ts'

export type { Balancer, Candidate } from './balancing/candidate.ts'

const POLICIES: Readonly<Record<Upstream['lb'], () => Balancer>> = {
  round_robin: () => new InTurn(() => 0),
  weighted: () => new Weighted(),
  least_connections: () => new InTurn(({ active, target }) => active / target.weight),
  p2c: () => new TwoChoices(),
  hash: () => new Rendezvous()
}

/** Creates the balancer for an upstream's `lb`. */
export function createBalancer(policy: Upstream['lb']): Balancer {
  const balancer = POLICIES[policy]()
  return {
    pick: (candidates, key) => {
      const first = candidates[0]
      return candidates.length === 1 && first ? first : balancer.pick(candidates, key)
    }
  }
}
