import type { TLSSocket } from 'node:tls'
import {
  type AddressSet,
  checkPath,
  type HostSite,
  normalizeAddress,
  readTarget,
  subdomainOf
} from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import { clientAddress } from './client-address.ts'
import { peerAddress } from './peer-address.ts'
import { requestHost } from './request-host.ts'
import { sourceOf } from './source.ts'

/** Facts that an app knows better than the request shows. */
export type KnownFacts = Partial<
  Omit<RequestFacts, 'strictPath' | 'with' | 'hostSite' | 'site' | 'subdomain'>
>

/**
 * The facts of a request that all parts of a server need. They are computed once, so that no two parts interpret the
 * request differently.
 */
export class RequestFacts {
  /** The facts of a request before they are computed, and where that fails. */
  static readonly unknown: RequestFacts = Object.assign(
    Object.create(RequestFacts.prototype) as RequestFacts,
    {
      host: undefined,
      hostSite: undefined,
      path: '',
      isPathAmbiguous: true,
      clientIp: '',
      peerIp: '',
      sourceIp: '',
      isPeerTrusted: false,
      isSecure: false
    }
  )

  /**
   * The host that the request names, normalized, without port. Undefined when the request names none, several, or an
   * invalid one.
   */
  readonly host: string | undefined
  /** The site that serves the host; undefined until `useSites` has found it, and in apps without a store. */
  hostSite: HostSite | undefined
  /**
   * The decoded path without the query string; `*` for OPTIONS about the whole server; '' where the target is not a
   * path. An ambiguous path is fully decoded, with dot segments resolved and slashes merged.
   */
  readonly path: string
  /**
   * Whether programs could interpret the path differently, because of escapes such as `%2F`; `path` may then also be
   * ''.
   */
  readonly isPathAmbiguous: boolean
  /** The client's IP address, IPv4-mapped IPv6 as IPv4; '' when unknown. */
  readonly clientIp: string
  /** The peer's IP address; '' when unknown. */
  readonly peerIp: string
  /**
   * The IP address of the sender of the request's headers: the peer's, or the one that the peer named in a PROXY header
   * of the connection; '' when unknown.
   */
  readonly sourceIp: string
  /**
   * Whether the sender of the headers is a trusted proxy, whose forwarding headers are believed. With a PROXY header
   * that is not the peer, which passes on bytes, but the source.
   */
  readonly isPeerTrusted: boolean
  /** Whether the client connected over TLS, to this server or to a trusted proxy. */
  readonly isSecure: boolean

  /**
   * @param target the request target, as `originForm` returns it
   * @param trusted trusted proxies; undefined: use `request.ip` and `request.protocol`, which follow Fastify's
   * `trustProxy`
   * @param clientIpHeader see `clientAddress`
   */
  constructor(
    request: FastifyRequest,
    target: string,
    trusted: AddressSet | undefined,
    clientIpHeader?: string
  ) {
    const { raw } = request
    const path = target === '*' && raw.method === 'OPTIONS' ? target : checkPath(target)
    this.host = requestHost(raw)
    this.hostSite = undefined
    this.path = path ?? decodedAnyway(target)
    this.isPathAmbiguous = path === undefined
    this.peerIp = peerAddress(raw.socket)
    const source = sourceOf(raw.socket)
    this.sourceIp = source?.address || this.peerIp
    if (trusted === undefined) {
      this.clientIp =
        request.ip === raw.socket.remoteAddress ? this.sourceIp : normalized(request.ip)
      this.isPeerTrusted = false
      this.isSecure = request.protocol === 'https'
    } else {
      // security: behind a PROXY header, the headers are those of the client, whom the proxy's address must not vouch for;
      // nor may it where the proxy does not name the client.
      this.isPeerTrusted = trusted.has(source === undefined ? this.peerIp : source.address)
      this.clientIp = this.isPeerTrusted
        ? clientAddress(this.sourceIp, raw.headers, trusted, clientIpHeader)
        : this.sourceIp
      this.isSecure =
        (raw.socket as TLSSocket).encrypted || (this.isPeerTrusted && isForwardedHttps(request))
    }
  }

  /** A copy of the facts with some of them replaced. */
  with(known: KnownFacts): RequestFacts {
    const copy = Object.create(RequestFacts.prototype) as RequestFacts
    const hostSite = known.host === undefined ? this.hostSite : undefined
    return Object.assign(copy, this, { hostSite }, known)
  }

  /**
   * The name of the site that serves the host. Everything about a site is stored, cached and counted under this name,
   * not under the host. The host itself where no site is known to serve it; undefined without a host.
   *
   * security: clients can name any number of hosts of a wildcard; sites are bounded by what is stored.
   */
  get site(): string | undefined {
    return this.hostSite?.name ?? this.host
  }

  /** The part of the host that the `*` of the site's wildcard stands for: `a.b` in `a.b.example.org`; else ''. */
  get subdomain(): string {
    return subdomainOf(this.host ?? '', this.hostSite?.wildcard)
  }

  /** The path, unless it is ambiguous. */
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

/**
 * security: where a proxy appends to the header, the first of several values may come from the client; several values
 * are not accepted.
 */
function isForwardedHttps({ raw }: FastifyRequest): boolean {
  const proto = raw.headers['x-forwarded-proto']
  return typeof proto === 'string' && proto.toLowerCase() === 'https'
}
