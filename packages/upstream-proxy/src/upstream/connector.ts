import type { SecureContext } from 'node:tls'
import { writeLocalHeader } from '@reliw/http'
import type { Target, Upstream } from '@reliw/model'
import { connect, type Connection } from '../connect/connect.ts'
import type { NameResolver } from '../connect/resolver.ts'
import { loadTlsContext } from '../connect/tls-context.ts'

const H1: readonly string[] = ['http/1.1']
const H2: readonly string[] = ['h2', 'http/1.1']

/** Opens the connections of an upstream, with its timeouts and TLS. */
export class Connector {
  readonly #settings: Upstream
  readonly #names: NameResolver
  #tls: Promise<SecureContext> | undefined

  constructor(settings: Upstream, names: NameResolver) {
    this.#settings = settings
    this.#names = names
  }

  /**
   * @param isUpgrade whether the request asks for another protocol, which needs HTTP/1.1
   * @param given the PROXY header of a client's request; without it, the connection is for the server itself
   */
  async connect(target: Target, isUpgrade: boolean, given?: Buffer): Promise<Connection> {
    const settings = this.#settings
    const names = this.#names
    const { http2, send_proxy: version } = settings
    const protocols = isUpgrade || !http2 || version !== undefined ? H1 : H2
    const preface = given ?? (version && writeLocalHeader(version))
    if (target.scheme === 'https')
      return connect({ target, settings, names, protocols, preface, context: this.#loadTls() })
    return connect({ target, settings, names, protocols, preface, withInlet: !isUpgrade })
  }

  /** Read once; after a failure, the files are read again for the next connection. */
  async #loadTls(): Promise<SecureContext> {
    this.#tls ??= loadTlsContext(this.#settings).catch((error: unknown) => {
      this.#tls = undefined
      throw error
    })
    return this.#tls
  }
}
