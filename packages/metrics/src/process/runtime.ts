import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import type { Family } from '../family.ts'
import { familiesOf } from './registry-families.ts'

/** The library's own families that are shown; the others are redundant, or break naming rules. */
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

/**
 * Milliseconds between two samples of the event loop utilization, which is not shown: the longest timeout instead of
 * ten samples a second.
 */
const NO_UTILIZATION = { eventLoopUtilizationTimeout: 2 ** 31 - 1 }

let registry: Registry | undefined

/** Starts to observe the process, once: observers of the event loop and the garbage collector are never removed. */
export function startRuntime(): Registry {
  if (registry === undefined) {
    registry = new Registry()
    collectDefaultMetrics({ register: registry, ...NO_UTILIZATION })
  }
  return registry
}

/**
 * Metrics of Node and the system about the process: CPU, memory, descriptors, event loop, garbage collection. Metrics
 * that cannot be read, as without free descriptors, are left out.
 */
export async function runtimeFamilies(): Promise<Family[]> {
  return familiesOf(startRuntime(), (name) => SHOWN.has(name))
}
