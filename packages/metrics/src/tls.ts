import type { Server } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { catalog } from './catalog.ts'
import type { Collector } from './collector.ts'
import { Counts } from './counts.ts'
import { type Family, labelsOf, single } from './family.ts'

/** Largest number of certificates that are reported. */
const MAX_CERTIFICATES = 1000

/** Counts TLS connections of clients, and reports when the certificates presented to them expire. */
export class TlsMetrics implements Collector {
  readonly #handshakes = new Counts(catalog.TLS.handshakes)
  /** Expiry in epoch milliseconds, by the first name in the certificate. */
  readonly #expiries = new Map<string, number>()
  #failures = 0
  #isWatching = false

  /** Ignores servers without TLS. */
  watch(server: Server): void {
    if (!('setSecureContext' in server)) return
    this.#isWatching = true
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#handshakes.add([socket.getProtocol() ?? 'unknown'])
      this.#note(socket.getCertificate())
    })
    server.on('tlsClientError', () => this.#failures++)
  }

  /** For `/status`: the name and expiry of each certificate, in ISO 8601. */
  get certificates(): { name: string; expires: string }[] {
    return [...this.#expiries].map(([name, at]) => ({ name, expires: new Date(at).toISOString() }))
  }

  collect(): Family[] {
    if (!this.#isWatching) return []
    const { expiry, handshakeFailures } = catalog.TLS
    const samples = [...this.#expiries].map(
      ([name, at]) => [labelsOf(expiry.labels, [name]), at / 1000] as const
    )
    return [
      this.#handshakes.family,
      single(handshakeFailures, this.#failures),
      { ...expiry, samples }
    ]
  }

  #note(certificate: object | PeerCertificate | null): void {
    if (certificate === null || !('valid_to' in certificate)) return
    const name = nameOf(certificate)
    const expires = Date.parse(certificate.valid_to)
    if (Number.isNaN(expires)) return
    if (this.#expiries.has(name) || this.#expiries.size < MAX_CERTIFICATES)
      this.#expiries.set(name, expires)
  }
}

function nameOf({ subject, subjectaltname }: PeerCertificate): string {
  const alternative = /(?:DNS|IP Address):([^,\s]+)/.exec(subjectaltname ?? '')?.[1]
  return alternative ?? String(subject?.CN ?? 'unnamed')
}
