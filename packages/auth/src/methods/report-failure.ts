import type { FastifyBaseLogger } from 'fastify'
import type { Caller } from '../caller.ts'
import { audit } from '../events.ts'
import type { Failure, Refusal } from '../identity.ts'

/**
 * Reports a request that no authentication method accepted: once, however many refused it. A token of the second of two
 * issuers is refused by the first, which is no failure of its client.
 */
export function reportFailure(
  log: FastifyBaseLogger,
  caller: Caller,
  refusals: readonly Refusal[]
): void {
  const reported = worstOf(refusals.filter(isFailure))
  if (reported === undefined) return
  const { reason, failure } = reported
  const { method, user, excuse } = failure
  audit(log, 'failure', caller, { method, user, reason, isGuess: excuse === undefined })
}

type Failed = Refusal & { readonly failure: Failure }

function isFailure(refusal: Refusal): refusal is Failed {
  return refusal.failure !== undefined
}

/**
 * security: a token that was issued excuses other issuers' refusals of the same token, but no other credentials in the
 * request: an attacker would add an expired token to each guess. A foreign token excuses nothing, as anybody can make
 * one.
 */
function worstOf(failed: readonly Failed[]): Failed | undefined {
  const issued = failed.find(({ failure }) => failure.excuse === 'issued')
  const others = failed.filter(({ failure }) => issued?.failure.method !== failure.method)
  return others.findLast(({ failure }) => failure.excuse === undefined) ?? issued ?? others.at(-1)
}
