import type { Live, Store, Upstream, View } from '@reliw/model'
import type { FastifyRequest } from 'fastify'

const CHALLENGE = '/.well-known/acme-challenge/'

/** The upstreams of sites: from the live store; without one, those of the options whose names are hosts. */
export class HostUpstreams {
  readonly #store: Store | undefined
  readonly #named: ReadonlyMap<string, Upstream>
  readonly #hasToken: View<boolean> | undefined

  constructor(store: Store | undefined, named: ReadonlyMap<string, Upstream>) {
    this.#store = store
    this.#named = named
    this.#hasToken = store?.view(async (key, reader) => {
      const [host = '', name = ''] = key.split('\n')
      return (await store.sites.data(host, name, reader)) !== undefined
    })
  }

  /**
   * The upstream that all requests of a site go to. Throws, or rejects, when the store is unavailable or the stored value
   * is invalid.
   */
  find(site: string, request: FastifyRequest): Live<Upstream | undefined> {
    if (this.#store === undefined) return this.#named.get(site)
    const found = this.#store.sites.proxy(site)
    if (found === undefined || request.facts.strictPath?.startsWith(CHALLENGE) !== true)
      return found
    return this.#unlessChallenged(site, request, found)
  }

  /** An ACME token stored for the host, or for its site, takes precedence over the upstream (RFC 8555 8.3). */
  async #unlessChallenged(
    site: string,
    request: FastifyRequest,
    found: Live<Upstream | undefined>
  ): Promise<Upstream | undefined> {
    const name = request.facts.path.slice(1)
    for (const owner of new Set([request.facts.host ?? site, site]))
      if ((await this.#hasToken?.get(`${owner}\n${name}`)) === true) return undefined
    return found
  }
}
