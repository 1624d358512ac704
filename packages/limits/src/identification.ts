import { AddressSet, checkPath } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clientAddress } from './client-address.ts'
import { BadHost, BadPath, UriTooLong } from './errors.ts'
import type { LimitsSettings } from './options.ts'
import { peerAddress } from './peer-address.ts'
import { requestHost } from './request-host.ts'

/** Finds out who asks, and for what. */
export class Identification {
  readonly trusted: AddressSet
  readonly #fastify: FastifyInstance
  readonly #maxUri: number

  constructor(fastify: FastifyInstance, settings: LimitsSettings) {
    this.trusted = new AddressSet(settings.trusted_proxies)
    this.#fastify = fastify
    this.#maxUri = settings.max_uri_length
  }

  /** Fills in the request. Returns what is to be said of a host or path that cannot be. */
  identify(request: FastifyRequest, reply: FastifyReply): Error | undefined {
    const { raw } = request
    reply.header('x-request-id', request.id)
    request.peerIp = peerAddress(raw.socket, this.#fastify.server)
    request.isPeerTrusted = this.trusted.has(request.peerIp)
    request.clientIp = clientAddress(request.peerIp, raw.headers, this.trusted)

    const host = requestHost(raw)
    if (host === undefined) return new BadHost()
    request.site = host

    const target = raw.url ?? ''
    if (target.length > this.#maxUri) return new UriTooLong()
    const path = checkPath(target)
    if (path === undefined) return new BadPath()
    request.path = path
    return undefined
  }
}
