import type { Live, Store, Upstream, View } from '@reliw/model'
import type { FastifyRequest } from 'fastify'

const CHALLENGE = '/.well-known/acme-challenge/'

/** The upstreams of hosts: from the live store; without one, those of the options whose names are hosts. */
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
   * The upstream that a request of a host goes to. Throws, or rejects, when the store is unavailable or the stored value
   * is invalid.
   */
  find(host: string, request: FastifyRequest): Live<Upstream | undefined> {
    if (this.#store === undefined) return this.#named.get(host)
    const found = this.#store.sites.proxy(host)
    if (found === undefined || request.facts.strictPath?.startsWith(CHALLENGE) !== true)
      return found
    return this.#unlessChallenged(host, request, found)
  }

  /** An ACME token stored for the host takes precedence over its upstream (RFC 8555 8.3). */
  async #unlessChallenged(
    host: string,
    request: FastifyRequest,
    found: Live<Upstream | undefined>
  ): Promise<Upstream | undefined> {
    const name = request.facts.path.slice(1)
    return (await this.#hasToken?.get(`${host}\n${name}`)) === true ? undefined : found
  }
}
