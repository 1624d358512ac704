import type { Store } from '@reliw/model'
import { Host, ListenPort } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Family } from './family.ts'
import type { LimitsStatus } from './events/limits-metrics.ts'
import type { UpstreamStatus } from './events/upstream-metrics.ts'
import type { MetricRegistry } from './process/registry-families.ts'
import type { IsSite } from './requests/hosts.ts'

/** The part of the options that can be written in a config file. */
export const MetricsConfig = z.strictObject({
  ip: z
    .union([z.ipv4(), z.ipv6()])
    .default('127.0.0.1')
    .describe('Address of the listener for `/metrics`, `/livez`, `/readyz` and `/status`.'),
  port: ListenPort.default(9101).describe('Port of the listener; 0 takes a free one.'),
  hosts: z
    .array(Host)
    .default([])
    .describe(
      'Host names with dots by which the listener may be asked, such as "node1.example.net"; addresses, `localhost` and names without a dot always may.'
    ),
  disabled: z.boolean().default(false).describe('Count nothing, and open no listener.'),
  scan_count: z
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .describe('Keys that the store looks at in one go.'),
  scan_limit: z
    .int()
    .min(1)
    .max(10_000)
    .default(2000)
    .describe('Hosts that one scrape reads from the store.'),
  strict: z
    .boolean()
    .default(false)
    .describe('Answer 503 while the store is away, instead of what the process knows.'),
  max_hosts: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Hosts that are told apart; those beyond are `other`.'),
  max_paths: z
    .int()
    .min(0)
    .max(10_000)
    .default(1000)
    .describe('Paths of a host that are told apart in `METRICS:<host>:by_request`; 0: none.'),
  health_path: z
    .string()
    .regex(/^(\/[\w.~-]+)+$/, 'expected a path such as "/-/health"')
    .optional()
    .describe(
      'Answer `<path>/livez` and `<path>/readyz` on the main listener as well, for all hosts and clients.'
    )
})

/** What says how the store is read for a scrape. */
const OF_STORE = ['scan_count', 'scan_limit', 'strict'] as const

const fn = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function')

export const MetricsOptions = MetricsConfig.extend({
  hook: z
    .boolean()
    .default(true)
    .describe('Count every request. Else the app calls `app.metrics.begin` and `end` itself.'),
  version: z.string().default('').describe('What `reliw_build_info` and `/status` say.'),
  store: z
    .custom<Store>((value) => value instanceof Object && 'counters' in value, 'expected a store')
    .optional()
    .describe('Where all servers count together.'),
  is_site: fn<IsSite>()
    .optional()
    .describe(
      'Which hosts are shown by name. Default: those with routes or an upstream in the store.'
    ),
  path: fn<(request: FastifyRequest) => string | undefined>()
    .optional()
    .describe('The path to count; undefined for none. Default: that of files and pages.'),
  limits: fn<() => LimitsStatus | undefined>()
    .optional()
    .describe('How the limits are: `app.limits` of @reliw/limits.'),
  upstreams: fn<() => readonly UpstreamStatus[]>()
    .optional()
    .describe('How the upstreams are: `app.upstreams()` of @reliw/upstream-proxy.'),
  log_dropped: fn<() => number>().optional().describe('Lines that the log dropped so far.'),
  directories: z
    .record(z.string(), z.string())
    .default({})
    .describe('Directories by name, whose free space `/status` tells.'),
  peers: fn<() => Promise<readonly (readonly Family[])[]>>()
    .optional()
    .describe('`app.metrics.snapshot()` of other processes, to be one with this one’s.'),
  registry: z
    .custom<MetricRegistry>(
      (value) => value instanceof Object && 'getMetricsAsArray' in value,
      'expected a Registry of @prometheus-io/client or prom-client'
    )
    .optional()
    .describe('Metrics of the app’s own, to be shown as well.')
}).superRefine((options, context) => {
  if (options.store !== undefined) return
  const usual = MetricsConfig.parse({})
  for (const name of OF_STORE) {
    if (options[name] === usual[name]) continue
    const message = 'no effect without a store'
    context.addIssue({ code: 'custom', path: [name], message })
  }
})

/** What a user writes. */
export type MetricsOptions = z.input<typeof MetricsOptions>
export type MetricsSettings = z.output<typeof MetricsOptions>
