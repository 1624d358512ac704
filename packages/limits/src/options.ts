import { RatePolicies, type Store } from '@reliw/model'
import { ByteSize, Cidr, Duration } from '@reliw/options'
import * as z from 'zod'
import { AutoBanOptions } from './bans/auto-ban-options.ts'
import { PressureOptions } from './pressure/options.ts'
import { TrustedProxy } from './trusted-proxies/trusted-proxy.ts'

const Count = z.int().min(1).optional()

/** A header name (RFC 9110 5.6.2), in lower case. Others than these two hold one address. */
const ClientIpHeader = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,256}$/, 'not a header name')
  .transform((name) => name.toLowerCase())
  .refine((name) => name !== 'x-forwarded-for', 'is read by default: remove the key')
  .refine((name) => name !== 'forwarded', 'not supported: choose a header that holds one address')

/** The options that a config file may contain under the same names. */
export const LimitsConfig = z.strictObject({
  trusted_proxies: z
    .array(TrustedProxy)
    .prefault([])
    .describe(
      'Proxies whose X-Request-ID, X-Forwarded-For, X-Real-IP and X-Forwarded-Proto are trusted; a listed address can claim to be any client. "cloudflare", "private" and "loopback" stand for the addresses of these networks.'
    ),
  client_ip_header: ClientIpHeader.optional().describe(
    'The only header in which `trusted_proxies` name the client, such as "CF-Connecting-IP". Default: X-Forwarded-For, else X-Real-IP.'
  ),
  allow: z
    .array(Cidr)
    .prefault([])
    .describe('Addresses that are neither banned nor rate-limited on any site.'),
  rate_limits: RatePolicies.default([]).describe(
    'Policies that limit how many requests clients may make to this server.'
  ),
  auto_ban: AutoBanOptions.prefault({}).describe(
    'Automatic bans; each kind of event is off by default.'
  ),
  pressure: PressureOptions.prefault({}).describe(
    'Limits of the process itself: when it is overloaded, new requests get 503.'
  ),
  max_concurrent_requests: Count.describe(
    'Maximum number of concurrent requests; further ones get 503. Default: unlimited.'
  ),
  max_concurrent_per_host: Count.describe(
    'Maximum number of concurrent requests of each host that has no limit of its own. Default: unlimited.'
  ),
  max_connections_per_ip: Count.describe(
    'Maximum number of connections of one client (an IPv4 address or IPv6 /64), except those of `trusted_proxies` and `allow`. Default: unlimited.'
  ),
  min_body_rate: ByteSize.prefault(256).describe(
    'Minimum speed of a request body in bytes per second, on average, after 10 seconds; 0: no minimum.'
  ),
  request_timeout: Duration.prefault('1h').describe(
    'How long a whole request may take to arrive; 0: unlimited.'
  ),
  send_timeout: Duration.prefault('60s').describe(
    'How long a client may read nothing of its response; 0: unlimited.'
  )
})

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

export const LimitsOptions = LimitsConfig.extend({
  max_uri_length: ByteSize.prefault(8192).describe(
    'Maximum length of the request target in bytes, query string included.'
  ),
  body_timeout: Duration.prefault('30s').describe(
    'How long a client may pause within a body; 0: unlimited.'
  ),
  max_body_size: ByteSize.prefault('5MiB').describe(
    'Maximum size of a body that is admitted for entries without an upstream, unless the site has one; or that is discarded after a response.'
  ),
  store: z
    .custom<Store>(isStore, 'expected a store, as openStore() returns it')
    .optional()
    .describe('Store of bans, the settings of each site, and counters shared by all servers.'),
  escaped_path: z
    .enum(['pass', 'refuse'])
    .default('refuse')
    .describe(
      'Paths with escapes that programs read differently, such as %2F. `refuse`: they get 400; `pass`: they are admitted, and marked by `request.facts.isPathAmbiguous` for apps whose routes handle them.'
    ),
  relieve: z
    .custom<() => void>(isFunction)
    .optional()
    .describe('Called once per check while memory is short: releases memory that can be rebuilt.')
}).refine(({ store, auto_ban: rules }) => store !== undefined || Object.keys(rules).length === 0, {
  path: ['auto_ban'],
  message: 'no effect without a store: bans are stored there'
})

/** The options as an operator writes them. */
export type LimitsOptions = z.input<typeof LimitsOptions>
export type LimitsSettings = z.output<typeof LimitsOptions>
