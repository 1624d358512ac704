import { type Live, type Store, Upstream } from '@reliw/model'
import { ByteSize, Duration } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Withheld } from './headers/received-request.ts'

/** Reads a value from a request. */
export type Read<T> = (request: FastifyRequest) => T

const fn = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function')

export const UpstreamProxyOptions = z.strictObject({
  upstreams: z
    .record(z.string().min(1), Upstream)
    .optional()
    .describe(
      'Upstreams by name. An upstream whose name is a host gets all requests of that host.'
    ),
  store: z
    .custom<Store>((value) => value instanceof Object && 'sites' in value, 'expected a store')
    .optional()
    .describe('Store from which the upstreams of hosts are read at every request, instead.'),
  max_body_size: ByteSize.prefault(5_242_880).describe(
    'Maximum size of a body that is sent to an upstream, unless the upstream has a limit of its own.'
  ),
  site_body_size: fn<Read<number | undefined>>()
    .optional()
    .describe(
      'Returns the maximum size of a body, in bytes, for the site of a request; if undefined, `max_body_size` counts.'
    ),
  drain_timeout: Duration.prefault(30).describe(
    'How long WebSockets and other tunnels may continue after the server begins to close.'
  ),
  resolver: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'DNS servers for names of origins, instead of the system’s resolver: "127.0.0.1:53".'
    ),
  withhold: fn<Read<Live<Withheld | undefined>>>()
    .optional()
    .describe(
      'Returns the names of cookies and headers that are never sent to origins. Default: none.'
    ),
  traceparent: fn<Read<string | undefined>>()
    .optional()
    .describe(
      'Returns the traceparent that is sent to origins; if undefined or invalid, that of a trusted peer, else a new one.'
    )
})

/** The options as a user writes them. */
export type UpstreamProxyOptions = z.input<typeof UpstreamProxyOptions>
