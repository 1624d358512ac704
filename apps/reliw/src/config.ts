import { AccessConfig } from '@reliw/access/options'
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
  key: z.string().min(1).describe('File with its private key (PEM).')
})

/** The whole config file. Sites are not configured here: they are data in the store. */
export const Config = z
  .strictObject({
    $schema: z.string().optional().describe('The JSON Schema of this file, for editors.'),
    ip: z
      .union(
        [z.ipv4(), z.ipv6()],
        'expected an IP address, such as "127.0.0.1", or "0.0.0.0" for all'
      )
      .default('127.0.0.1')
      .describe('Address to listen on.'),
    port: ListenPort.default(8080).describe('Port to listen on; 0: any free port.'),
    ipv6: z.ipv6().optional().describe('A second address to listen on, with the same port.'),
    proxy_protocol: z
      .enum(['required', 'optional'])
      .optional()
      .describe(
        'Read PROXY headers (version 1 and 2) of connections from `trusted_proxies`. `required`: their connections without one are refused. Default: none is read.'
      ),
    ...ContentOptions.shape,
    waf: WafConfig.prefault({}).describe('The firewall; its rules are in the store.'),
    redis: RedisOptions.optional().describe(
      'Store the data of sites in Redis instead of a directory.'
    ),
    store: StoreOptions.omit({ redis: true })
      .prefault({})
      .describe('The live store: its directory, if there is no `redis`, and its cache.'),
    ...LimitsConfig.shape,
    trusted_proxies_file: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File in which `reliw trusted-proxies refresh` stores the addresses of "cloudflare". Default: those that come with RELIW.'
      ),
    ...AccessConfig.shape,
    backlog: z.int().min(1).default(256).describe('Connections that may wait to be accepted.'),
    fork_limit: LimitsConfig.shape.max_concurrent_requests.describe(
      'An older name of `max_concurrent_requests`.'
    ),
    requests_per_fork: z
      .int()
      .min(0)
      .default(512)
      .describe('Requests per connection; 0: unlimited.'),
    max_body_size: ByteSize.prefault(5_242_880).describe(
      'Maximum size of a request body, unless an upstream or a site has a limit of its own.'
    ),
    resolver: UpstreamProxyOptions.shape.resolver,
    request_line_limit: ByteSize.prefault(8192).describe(
      'Maximum length of the request target in bytes, query string included.'
    ),
    keepalive_idle_timeout: Duration.prefault(15).describe(
      'How long a connection may be idle between requests.'
    ),
    request_header_timeout: Duration.prefault(10).describe(
      'How long the head of a request may take to arrive.'
    ),
    request_body_timeout: Duration.prefault(30).describe(
      'How long a client may pause within a body; 0: unlimited.'
    ),
    tls_handshake_timeout: Duration.prefault(10).describe('Not in effect yet.'),
    drain_timeout: Duration.prefault(30).describe(
      'How long requests in flight may take to finish after SIGTERM.'
    ),
    log_level: z
      .enum([...LEVELS, 'access'])
      .default('info')
      .transform((level) => (level === 'access' ? 'info' : level))
      .describe('Lowest level that is logged; "access" is an older name of "info".'),
    log_file: z.string().min(1).optional().describe('Append the log to a file instead of stdout.'),
    access_log_dir: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of the access logs of sites that have one of their own.'),
    log_headers: z
      .array(z.string().min(1).toLowerCase())
      .default(['referer', 'x-real-ip', 'user-agent'])
      .describe('Request headers to include in the access log.'),
    metrics: MetricsConfig.prefault({}).describe(
      'Metrics and health checks, on a listener of their own.'
    ),
    tracing: TracingConfig.optional().describe(
      'Record requests as OpenTelemetry spans. Default: no spans.'
    ),
    ssl: z
      .strictObject({
        default: Certificate.describe('Certificate of all other hosts.'),
        hosts: z.record(Host, Certificate).default({}).describe('Certificates by host.')
      })
      .optional()
      .describe(
        'TLS is not available yet: a config with this key is refused, so that nothing is sent unencrypted.'
      )
  })
  .refine(({ fork_limit, max_concurrent_requests: max }) => !(fork_limit && max), {
    path: ['fork_limit'],
    message: 'an older name of `max_concurrent_requests`, which is set as well: remove one of them'
  })
  .refine(({ ssl }) => ssl === undefined, {
    path: ['ssl'],
    message: 'TLS is not available yet: remove the key and put a TLS terminator in front'
  })
  .meta({ title: 'RELIW configuration' })

/** The config file before defaults are filled in. */
export type Config = z.input<typeof Config>
/** The parsed config: durations in milliseconds, sizes in bytes, defaults filled in. */
export type Settings = z.output<typeof Config>
