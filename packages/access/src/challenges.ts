import type { Store } from '@reliw/model'
import type { FastifyRequest } from 'fastify'

const CHALLENGE = '/.well-known/acme-challenge/'

/**
 * Finds requests for an ACME token that is stored for the host, or for its site: the issuer of certificates makes them from addresses
 * that it does not tell (RFC 8555 8.3). Returns undefined for requests for anything else.
 */
export function challengesOf(
  store: Store
): (request: FastifyRequest) => Promise<boolean> | undefined {
  const tokens = store.view<boolean>(async (key, reader) => {
    const [host = '', name = ''] = key.split('\n')
    return (await store.sites.data(host, name, reader)) !== undefined
  })
  return ({ facts }) => {
    const { host = '', site = '', strictPath: path } = facts
    if (path?.startsWith(CHALLENGE) !== true) return undefined
    return hasToken(new Set([host, site]), path.slice(1))
  }

  async function hasToken(owners: Iterable<string>, name: string): Promise<boolean> {
    for (const owner of owners) if (await tokens.get(`${owner}\n${name}`)) return true
    return false
  }
}
