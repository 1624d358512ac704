import { hash } from 'node:crypto'
import type { Live } from '@reliw/model'
import type { Caller } from '../caller.ts'
import type { Identity, Refusal } from '../identity.ts'
import { andThen } from '../live.ts'
import type { Parts } from '../parts.ts'
import { newToken } from '../token.ts'
import { API_KEY_PREFIX, apiKey } from './authorization.ts'

const KEY = /^rlw_[A-Za-z0-9_-]{43}$/

/** Makes an API key: `key` for its owner, and `hash`, under which `KEYS:<host>` has it. */
export function newApiKey(): { key: string; hash: string } {
  const key = API_KEY_PREFIX + newToken()
  return { key, hash: hashOf(key) }
}

/** Authenticates a request by its API key. */
export function authenticateByApiKey(
  parts: Parts,
  caller: Caller
): Live<Identity | Refusal | undefined> {
  const given = apiKey(caller.request.raw.headers)
  if (given === undefined) return undefined
  if (!KEY.test(given)) return refuse(403, 'not an API key')
  return andThen(parts.findApiKey(caller.site, hashOf(given)), (stored) => {
    if (stored === undefined) return refuse(401, 'unknown API key')
    const { user, groups, expires = Infinity } = stored
    if (Date.now() >= expires) return refuse(401, 'API key expired', user)
    return { user, groups, method: 'api_key', secondFactor: false }
  })
}

function hashOf(key: string): string {
  return hash('sha256', key, 'hex')
}

function refuse(refused: 401 | 403, reason: string, user?: string): Refusal {
  return { refused, reason, failure: { method: 'api_key', user } }
}
