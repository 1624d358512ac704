import type { Store } from '@reliw/model'
import { Host, ListenPort } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Family } from './family.ts'
import type { LimitsStatus } from './events/limits-metrics.ts'
import type { UpstreamStatus } from './events/upstream-metrics.ts'
import type { MetricRegistry } from './process/registry-families.ts'
import type { IsSite } from './requests/hosts.ts'

/** Options that can be set in a config file. */
export const MetricsConfig = z.strictObject({
  ip: z
    .union([z.ipv4(), z.ipv6()])
    .default('127.0.0.1')
    .describe('Address of the listener for `/metrics`, `/livez`, `/readyz` and `/status`.'),
  port: ListenPort.default(9101).describe('Port of the listener; 0: any free port.'),
  hosts: z
    .array(Host)
    .default([])
    .describe(
      'Host names with dots that the listener accepts, such as "node1.example.net"; addresses, `localhost` and names without a dot are always allowed.'
    ),
  disabled: z.boolean().default(false).describe('Count nothing, and open no listener.'),
  scan_count: z.int().min(1).max(1000).default(100).describe('Keys per scan step in the store.'),
  scan_limit: z
    .int()
    .min(1)
    .max(10_000)
    .default(2000)
    .describe('Hosts that one scrape reads from the store.'),
  strict: z
    .boolean()
    .default(false)
    .describe(
      'Respond with 503 while the store is unavailable, instead of serving the metrics of the process alone.'
    ),
  max_hosts: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Hosts with series of their own; further hosts are `other`.'),
  max_paths: z
    .int()
    .min(0)
    .max(10_000)
    .default(1000)
    .describe(
      'Paths of each host that are counted separately in `METRICS:<host>:by_request`; 0: none.'
    ),
  health_path: z
    .string()
    .regex(/^(\/[\w.~-]+)+$/, 'expected a path such as "/-/health"')
    .optional()
    .describe(
      'Serve `<path>/livez` and `<path>/readyz` on the main listener as well, for all hosts and clients.'
    )
})

/** Options that control how a scrape reads the store. */
const OF_STORE = ['scan_count', 'scan_limit', 'strict'] as const

const fn = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function')

export const MetricsOptions = MetricsConfig.extend({
  hook: z
    .boolean()
    .default(true)
    .describe('Count every request. If false, the app calls `app.metrics.begin` and `end` itself.'),
  version: z.string().default('').describe('The version in `reliw_build_info` and `/status`.'),
  store: z
    .custom<Store>((value) => value instanceof Object && 'counters' in value, 'expected a store')
    .optional()
    .describe('Store in which all servers count together.'),
  is_site: fn<IsSite>()
    .optional()
    .describe(
      'Whether a host is shown by name. Default: hosts with routes or an upstream in the store are.'
    ),
  path: fn<(request: FastifyRequest) => string | undefined>()
    .optional()
    .describe('Returns the path to count; undefined: none. Default: the paths of files and pages.'),
  limits: fn<() => LimitsStatus | undefined>()
    .optional()
    .describe('Returns the state of the limits: `app.limits` of @reliw/limits.'),
  upstreams: fn<() => readonly UpstreamStatus[]>()
    .optional()
    .describe('Returns the state of the upstreams: `app.upstreams()` of @reliw/upstream-proxy.'),
  log_dropped: fn<() => number>()
    .optional()
    .describe('Returns the number of log lines dropped so far.'),
  directories: z
    .record(z.string(), z.string())
    .default({})
    .describe('Directories by name, whose free space `/status` reports.'),
  peers: fn<() => Promise<readonly (readonly Family[])[]>>()
    .optional()
    .describe(
      'Returns the `app.metrics.snapshot()` of each other process, to be merged with that of this one.'
    ),
  registry: z
    .custom<MetricRegistry>(
      (value) => value instanceof Object && 'getMetricsAsArray' in value,
      'expected a Registry of @prometheus-io/client or prom-client'
    )
    .optional()
    .describe('Registry with the app’s own metrics, to be included.')
}).superRefine((options, context) => {
  if (options.store !== undefined) return
  const usual = MetricsConfig.parse({})
  for (const name of OF_STORE) {
    if (options[name] === usual[name]) continue
    const message = 'no effect without a store'
    context.addIssue({ code: 'custom', path: [name], message })
  }
})

/** Options as a user writes them. */
export type MetricsOptions = z.input<typeof MetricsOptions>
export type MetricsSettings = z.output<typeof MetricsOptions>
