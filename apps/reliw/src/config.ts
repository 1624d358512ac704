import { ContentOptions } from '@reliw/content-store/options'
import { LimitsConfig } from '@reliw/limits/options'
import { MetricsConfig } from '@reliw/metrics/options'
import { ByteSize, Duration, Host, ListenPort } from '@reliw/options'
import { RedisOptions, StoreOptions } from '@reliw/store'
import { UpstreamProxyOptions } from '@reliw/upstream-proxy/options'
import { WafConfig } from '@reliw/waf/options'
import * as z from 'zod'
import { TracingConfig } from './tracing/options.ts'

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const Certificate = z.strictObject({
  cert: z.string().min(1).describe('File with the certificate chain (PEM).'),
  key: z.string().min(1).describe('File with the key (PEM).')
})

/** The whole config file. What concerns sites is not here: it is data in the store. */
export const Config = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    ip: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1').describe('Address to listen on.'),
    port: ListenPort.default(8080).describe('Port to listen on; 0 takes a free one.'),
    ipv6: z.ipv6().optional().describe('A second address to listen on, with the same port.'),
    ...ContentOptions.shape,
    waf: WafConfig.prefault({}).describe('The firewall; its rules are in the store.'),
    redis: RedisOptions.optional().describe('Keep the sites in Redis instead of the directory.'),
    store: StoreOptions.omit({ redis: true })
      .prefault({})
      .describe(
        'The live store: the directory it is in without Redis, and what is kept in memory.'
      ),
    ...LimitsConfig.shape,
    backlog: z.int().min(1).default(256).describe('Connections that may wait to be accepted.'),
    fork_limit: LimitsConfig.shape.max_concurrent_requests.describe(
      'An older name of `max_concurrent_requests`.'
    ),
    requests_per_fork: z.int().min(0).default(512).describe('Requests per connection; 0: any.'),
    max_body_size: ByteSize.prefault(5_242_880).describe(
      'Longest request body, unless an upstream has a limit of its own.'
    ),
    resolver: UpstreamProxyOptions.shape.resolver,
    request_line_limit: ByteSize.prefault(8192).describe('Longest request target, in bytes.'),
    keepalive_idle_timeout: Duration.prefault(15).describe('How long a connection may be idle.'),
    request_header_timeout: Duration.prefault(10).describe('How long a request’s head may take.'),
    request_body_timeout: Duration.prefault(30).describe(
      'How long a client may send nothing of a body that it has begun; 0: for ever.'
    ),
    tls_handshake_timeout: Duration.prefault(10).describe('Not in effect yet.'),
    drain_timeout: Duration.prefault(30).describe('How long requests may finish after SIGTERM.'),
    log_level: z
      .enum([...LEVELS, 'access'])
      .default('info')
      .transform((level) => (level === 'access' ? 'info' : level))
      .describe('"access" is an older name of "info".'),
    log_file: z.string().min(1).optional().describe('Append the log to a file instead of stdout.'),
    log_headers: z
      .array(z.string().min(1).toLowerCase())
      .default(['referer', 'x-real-ip', 'user-agent'])
      .describe('Request headers that the access log shows.'),
    metrics: MetricsConfig.prefault({}).describe('What the server does, for those who watch it.'),
    tracing: TracingConfig.optional().describe(
      'Record requests as spans of OpenTelemetry. Default: none are.'
    ),
    ssl: z
      .strictObject({ default: Certificate, hosts: z.record(Host, Certificate).default({}) })
      .optional()
      .describe('Not available yet: a config with it is refused, so that nothing is sent in clear.')
  })
  .refine(({ fork_limit, max_concurrent_requests: max }) => !(fork_limit && max), {
    path: ['fork_limit'],
    message: 'an older name of `max_concurrent_requests`, which is there as well: remove one'
  })
  .refine(({ ssl }) => ssl === undefined, {
    path: ['ssl'],
    message: 'TLS is not available yet: remove the key and put a TLS terminator in front'
  })
  .meta({ title: 'RELIW configuration' })

/** What a user writes in the config file. */
export type Config = z.input<typeof Config>
/** What the server runs on: durations in milliseconds, sizes in bytes, defaults filled in. */
export type Settings = z.output<typeof Config>
