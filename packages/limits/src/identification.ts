import { AddressSet, checkPath, originForm, readTarget, requestHost } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clientAddress } from './client-address.ts'
import { BadFraming, BadHost, BadPath, NotImplemented, UriTooLong } from './errors.ts'
import type { LimitsSettings } from './options.ts'
import { peerAddress } from './peer-address.ts'

/** Finds out who asks, and for what. */
export class Identification {
  readonly trusted: AddressSet
  readonly #fastify: FastifyInstance
  readonly #maxUri: number
  readonly #letsIn: boolean

  constructor(fastify: FastifyInstance, settings: LimitsSettings) {
    this.trusted = new AddressSet(settings.trusted_proxies)
    this.#fastify = fastify
    this.#maxUri = settings.max_uri_length
    this.#letsIn = settings.escaped_path === 'pass'
  }

  /** Fills in the request. Returns what is to be said of a host, method or path that cannot be. */
  identify(request: FastifyRequest, reply: FastifyReply): Error | undefined {
    const { raw } = request
    reply.header('x-request-id', request.id)
    request.peerIp = peerAddress(raw.socket, this.#fastify.server)
    request.isPeerTrusted = this.trusted.has(request.peerIp)
    request.clientIp = clientAddress(request.peerIp, raw.headers, this.trusted)

    const { 'transfer-encoding': coding } = raw.headers
    if (coding !== undefined && !isChunked(coding, raw.httpVersion)) {
      reply.header('connection', 'close')
      return new BadFraming()
    }
    const host = requestHost(raw)
    if (host === undefined) return new BadHost()
    request.site = host

    if (raw.method === 'CONNECT') return new NotImplemented()
    if ((raw.url ?? '').length > this.#maxUri) return new UriTooLong()
    const target = originForm(raw)
    if (target !== raw.url) raw.url = target
    const path = target === '*' && raw.method === 'OPTIONS' ? target : checkPath(target)
    if (path !== undefined) {
      request.path = path
      return undefined
    }
    const readings = this.#letsIn ? readTarget(target) : undefined
    if (readings === undefined) return new BadPath()
    request.isPathAmbiguous = true
    request.path = Buffer.from(readings[0] ?? '', 'latin1').toString()
    return undefined
  }
}

/**
 * Whether a body ends where its chunks do. Node lets any other coding through (RFC 9112 6.3), and chunks of HTTP/1.0,
 * which say nothing (6.1).
 */
function isChunked(coding: string, version: string): boolean {
  return version !== '1.0' && /(?:^|,)[ \t]*chunked$/i.test(coding)
}
