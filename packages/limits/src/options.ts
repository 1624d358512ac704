import { RatePolicies, type Store } from '@reliw/model'
import { ByteSize, Cidr, Duration } from '@reliw/options'
import * as z from 'zod'
import { AutoBanOptions } from './bans/auto-ban-options.ts'
import { PressureOptions } from './pressure/options.ts'

const Count = z.int().min(1).optional()

/** The part of the options that can be written in a config file under the same names. */
export const LimitsConfig = z.strictObject({
  trusted_proxies: z
    .array(Cidr)
    .prefault([])
    .describe('Proxies whose X-Request-ID, X-Forwarded-For and X-Real-IP are believed.'),
  allow: z
    .array(Cidr)
    .prefault([])
    .describe('Addresses that are neither banned nor limited, whatever else says so.'),
  rate_limits: RatePolicies.default([]).describe('How often clients may ask this server.'),
  auto_ban: AutoBanOptions.prefault({}).describe('Who is banned without being asked for.'),
  pressure: PressureOptions.prefault({}).describe('When the process is near its own limits.'),
  max_concurrent_requests: Count.describe('Requests at once; more get 503. Default: any number.'),
  max_concurrent_per_host: Count.describe(
    'The same for each host that has no limit of its own. Default: any number.'
  ),
  max_connections_per_ip: Count.describe(
    'Connections of one address (IPv6: one /64) at once, trusted proxies excepted. Default: any number.'
  ),
  min_body_rate: ByteSize.prefault(256).describe(
    'Bytes a second that a client has to send of a body on average, after 10 seconds; 0: any.'
  ),
  request_timeout: Duration.prefault('1h').describe(
    'How long a whole request may take to arrive; 0: for ever.'
  ),
  send_timeout: Duration.prefault('60s').describe(
    'How long a client may take nothing of its answer; 0: for ever.'
  )
})

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

export const LimitsOptions = LimitsConfig.extend({
  max_uri_length: ByteSize.prefault(8192).describe(
    'The longest request target, query string included, that is let in.'
  ),
  body_timeout: Duration.prefault('30s').describe(
    'How long a client may send nothing of a body that it has begun; 0: for ever.'
  ),
  max_body_size: ByteSize.prefault('5MiB').describe(
    'The longest body that is let in for entries without an upstream, and that is read past elsewhere.'
  ),
  store: z
    .custom<Store>(isStore, 'expected a store, as openStore() returns it')
    .optional()
    .describe('Counts for all servers, and has bans and what holds for each site.'),
  escaped_path: z
    .enum(['pass', 'refuse'])
    .default('refuse')
    .describe(
      'Paths with escapes that programs read differently, such as %2F: "pass" lets them in as `request.facts.isPathAmbiguous`, for ' +
        'an app whose routes know of it.'
    ),
  relieve: z
    .custom<() => void>(isFunction)
    .optional()
    .describe('Called while memory is short, once a look: gives back what can be made again.')
}).refine(({ store, auto_ban: rules }) => store !== undefined || Object.keys(rules).length === 0, {
  path: ['auto_ban'],
  message: 'no effect without a store: bans are kept there'
})

/** What a user writes. */
export type LimitsOptions = z.input<typeof LimitsOptions>
export type LimitsSettings = z.output<typeof LimitsOptions>
