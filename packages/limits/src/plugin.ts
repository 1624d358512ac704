/**
 * Admission: gives every request its id and its client's address, and refuses those whose host or
 * path no other part of the server should have to look at.
 */

import { AddressSet, checkPath, parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { clientAddress } from './client-address.ts'
import { BadHost, BadPath, UriTooLong } from './errors.ts'
import { LimitsOptions } from './options.ts'
import { peerAddress } from './peer-address.ts'
import { requestHost } from './request-host.ts'
import { createRequestIds } from './request-id.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The host the request is for: normalized, without port; '' until it is admitted. */
    site: string
    /** The decoded path without the query string; '' until it is admitted. */
    path: string
    /** The client's IP address, IPv4-mapped IPv6 as IPv4; '' when it is not known. */
    clientIp: string
    /** The IP address at the other end of the connection; '' when it is not known. */
    peerIp: string
    /** Whether the peer is one of `trusted_proxies`: what it forwards is believed. */
    isPeerTrusted: boolean
  }
}

async function limitsPlugin(fastify: FastifyInstance, options: LimitsOptions): Promise<void> {
  const settings = parseOptions('@reliw/limits', LimitsOptions, options)
  const trusted = new AddressSet(settings.trusted_proxies)

  fastify.setGenReqId(
    createRequestIds((raw) => trusted.has(peerAddress(raw.socket, fastify.server)))
  )
  fastify.decorateRequest('site', '')
  fastify.decorateRequest('path', '')
  fastify.decorateRequest('clientIp', '')
  fastify.decorateRequest('peerIp', '')
  fastify.decorateRequest('isPeerTrusted', false)
  fastify.addHook('onRequest', admit)

  function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void
  ): void {
    const { raw } = request
    reply.header('x-request-id', request.id)
    request.peerIp = peerAddress(raw.socket, fastify.server)
    request.isPeerTrusted = trusted.has(request.peerIp)
    request.clientIp = clientAddress(request.peerIp, raw.headers, trusted)

    const host = requestHost(raw)
    if (host === undefined) return done(new BadHost())
    request.site = host

    const target = raw.url ?? ''
    if (target.length > settings.max_uri_length) return done(new UriTooLong())
    const path = checkPath(target)
    if (path === undefined) return done(new BadPath())
    request.path = path
    done()
  }
}

export const limits = fp(limitsPlugin, { fastify: '5.x', name: '@reliw/limits' })
