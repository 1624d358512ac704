import type { Target } from '@reliw/model'
import type { Balancer, Candidate } from './candidate.ts'

/**
 * Weighted rendezvous hashing. Key and origin together draw a number, and the lowest wins: an origin
 * that goes takes only its own keys along, one that comes takes its share from all. Every process
 * chooses alike.
 */
export class Rendezvous implements Balancer {
  readonly #hashes = new WeakMap<Target, number>()

  pick<C extends Candidate>(candidates: readonly C[], key: string): C {
    const hash = hashText(key)
    let best = candidates[0] as C
    let lowest = Infinity
    for (const candidate of candidates) {
      const { target } = candidate
      // Exponentially distributed with the weight as its rate: the chance to be lowest is the share.
      const draw = -Math.log(toFraction(mix(hash ^ this.#hashOf(target)))) / target.weight
      if (draw < lowest) {
        best = candidate
        lowest = draw
      }
    }
    return best
  }

  #hashOf(target: Target): number {
    let hash = this.#hashes.get(target)
    if (hash === undefined) {
      hash = hashText(`${target.scheme} ${target.path ?? target.authority}`)
      this.#hashes.set(target, hash)
    }
    return hash
  }
}

/** FNV-1a over UTF-16 code units, mixed; 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return mix(hash)
}

/** The last step of MurmurHash3: every bit of the input changes half of the output's. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Between 0 and 1, neither of them included. */
function toFraction(hash: number): number {
  return ((hash >>> 0) + 0.5) / 2 ** 32
}
