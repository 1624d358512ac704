import type { TLSSocket } from 'node:tls'
import { type AddressSet, checkPath, normalizeAddress, readTarget } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import { clientAddress } from './client-address.ts'
import { originForm } from './origin-form.ts'
import { peerAddress } from './peer-address.ts'
import { requestHost } from './request-host.ts'

/** Facts that an app knows better than its requests. */
export type KnownFacts = Partial<Omit<RequestFacts, 'strictPath' | 'with'>>

/**
 * What every part of a server has to know of a request. Found out once, so that no two parts decide by different
 * readings of it.
 */
export class RequestFacts {
  /** The host that the request names: normalized, without port. Undefined: none, two, or no valid one. */
  readonly host: string | undefined
  /**
   * The decoded path without the query string; `*` where OPTIONS asks about the server; '' where the target is no path.
   * Of a path that is ambiguous: everything decoded, dot segments resolved and slashes merged.
   */
  readonly path: string
  /** Whether programs could read the path differently, because of escapes such as `%2F`; `path` may also be ''. */
  readonly isPathAmbiguous: boolean
  /** The client's IP address, IPv4-mapped IPv6 as IPv4; '' when it is not known. */
  readonly clientIp: string
  /** The IP address at the other end of the connection; '' when it is not known. */
  readonly peerIp: string
  /** Whether the peer is a trusted proxy: what it forwards is believed. */
  readonly isPeerTrusted: boolean
  /** Whether the client came over TLS, to us or to a trusted proxy. */
  readonly isSecure: boolean

  /** @param trusted trusted proxies; undefined: `request.ip` and `request.protocol` are believed, as `trustProxy` has them */
  constructor(request: FastifyRequest, trusted: AddressSet | undefined) {
    const { raw } = request
    const target = originForm(raw)
    const path = target === '*' && raw.method === 'OPTIONS' ? target : checkPath(target)
    this.host = requestHost(raw)
    this.path = path ?? decodedAnyway(target)
    this.isPathAmbiguous = path === undefined
    this.peerIp = peerAddress(raw.socket)
    if (trusted === undefined) {
      this.clientIp = request.ip === raw.socket.remoteAddress ? this.peerIp : normalized(request.ip)
      this.isPeerTrusted = false
      this.isSecure = request.protocol === 'https'
    } else {
      this.clientIp = clientAddress(this.peerIp, raw.headers, trusted)
      this.isPeerTrusted = trusted.has(this.peerIp)
      this.isSecure =
        (raw.socket as TLSSocket).encrypted || (this.isPeerTrusted && isForwardedHttps(request))
    }
  }

  /** The same facts, but for some that are known better. */
  with(known: KnownFacts): RequestFacts {
    return Object.assign(Object.create(RequestFacts.prototype) as RequestFacts, this, known)
  }

  /** The path, where all programs read it alike. */
  get strictPath(): string | undefined {
    return this.isPathAmbiguous ? undefined : this.path
  }
}

function decodedAnyway(target: string): string {
  const [reading = ''] = readTarget(target) ?? []
  return Buffer.from(reading, 'latin1').toString()
}

function normalized(address: string): string {
  return normalizeAddress(address) ?? ''
}

/** security: the first of several values is the client's own word where a proxy appends. */
function isForwardedHttps({ raw }: FastifyRequest): boolean {
  const proto = raw.headers['x-forwarded-proto']
  return typeof proto === 'string' && proto.toLowerCase() === 'https'
}
