import { type Live, type Store, Upstream } from '@reliw/model'
import { ByteSize, Duration } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Withheld } from './headers/received-request.ts'

/** Reads something of a request. */
export type Read<T> = (request: FastifyRequest) => T

const fn = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function')

export const UpstreamProxyOptions = z.strictObject({
  upstreams: z
    .record(z.string().min(1), Upstream)
    .optional()
    .describe('Upstreams by name. One whose name is a host takes all requests of that host.'),
  store: z
    .custom<Store>((value) => value instanceof Object && 'sites' in value, 'expected a store')
    .optional()
    .describe('Where the upstreams of hosts are read from, at every request, instead.'),
  max_body_size: ByteSize.prefault(5_242_880).describe(
    'The longest body that is sent to an upstream, unless it has a limit of its own.'
  ),
  drain_timeout: Duration.prefault(30).describe(
    'How long WebSockets and other tunnels may go on after the server was told to close.'
  ),
  resolver: z
    .array(z.string().min(1))
    .default([])
    .describe('DNS servers to ask for names of origins, instead of the system: "127.0.0.1:53".'),
  withhold: fn<Read<Live<Withheld | undefined>>>()
    .optional()
    .describe('Cookies and headers that are no origin’s business. Default: none.'),
  traceparent: fn<Read<string | undefined>>()
    .optional()
    .describe(
      'The traceparent that origins get; undefined, or not valid: that of a trusted peer, else a new one.'
    )
})

/** What a user writes. */
export type UpstreamProxyOptions = z.input<typeof UpstreamProxyOptions>
