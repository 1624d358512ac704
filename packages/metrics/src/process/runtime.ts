import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import type { Family } from '../family.ts'
import { familiesOf } from './registry-families.ts'

/** What of the library's own families is shown: the others say the same twice, or break naming rules. */
export const SHOWN = new Set([
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_gc_duration_seconds',
  'nodejs_version_info'
])

/** What is not shown need not be looked at ten times a second; milliseconds, as many as a timer takes. */
const NO_UTILIZATION = { eventLoopUtilizationTimeout: 2 ** 31 - 1 }

let registry: Registry | undefined

/** Begins to watch the process, once: what watches the event loop and the collector is never taken away again. */
export function startRuntime(): Registry {
  if (registry === undefined) {
    registry = new Registry()
    collectDefaultMetrics({ register: registry, ...NO_UTILIZATION })
  }
  return registry
}

/**
 * What node and the system tell of the process: CPU, memory, descriptors, event loop, garbage collection. What
 * cannot be had, as without free descriptors, is left out.
 */
export async function runtimeFamilies(): Promise<Family[]> {
  return familiesOf(startRuntime(), (name) => SHOWN.has(name))
}
