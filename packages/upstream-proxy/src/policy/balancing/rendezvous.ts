import { type Target, weakMemoize } from '@reliw/model'
import type { Balancer, Candidate } from './candidate.ts'

/**
 * Weighted rendezvous hashing. Key and origin together draw a number, and the lowest wins: when an origin goes, only
 * its own keys move; a new origin takes its share from all others. Every process makes the same choice.
 */
export class Rendezvous implements Balancer {
  pick<C extends Candidate>(candidates: readonly C[], key: string): C {
    const hash = hashText(key)
    let best = candidates[0] as C
    let lowest = Infinity
    for (const candidate of candidates) {
      const { target } = candidate
      // Exponentially distributed, with the weight as the rate: the probability of the lowest draw is the origin's
      // share.
      const draw = -Math.log(toFraction(mix(hash ^ hashOf(target)))) / target.weight
      if (draw < lowest) {
        best = candidate
        lowest = draw
      }
    }
    return best
  }
}

const hashOf = weakMemoize(({ scheme, path, authority }: Target) =>
  hashText(`${scheme} ${path ?? authority}`)
)

/** FNV-1a over UTF-16 code units, mixed; 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return mix(hash)
}

/** The final step of MurmurHash3: every input bit changes half of the output bits. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** A number between 0 and 1, both excluded. */
function toFraction(hash: number): number {
  return ((hash >>> 0) + 0.5) / 2 ** 32
}
