import type { Row } from './dashboard.ts'
import { gauge, JOB, quantile, rate } from './queries.ts'

/** Availability of the store, and the cache of its values. */
export const store: Row = {
  title: 'Store',
  panels: [
    {
      title: 'Store available',
      description: 'Whether the store of a server responds.',
      unit: 'none',
      queries: [[gauge('min', 'reliw_store_up', 'instance', JOB), '{{instance}}']],
      names: { 0: 'unavailable', 1: 'available' }
    },
    {
      title: 'Duration of operations',
      description: 'Duration of store operations, 95th percentile.',
      unit: 's',
      queries: [
        [
          quantile(0.95, 'reliw_store_operation_duration_seconds', 'operation', JOB),
          '{{operation}}'
        ]
      ]
    },
    {
      title: 'Operations',
      description: 'Store operations, and failed ones.',
      unit: 'ops',
      queries: [
        [rate('reliw_store_operation_duration_seconds_count', 'operation', JOB), '{{operation}}'],
        [rate('reliw_store_operation_failures_total', 'operation', JOB), '{{operation}} failed']
      ]
    },
    {
      title: 'Cache hits',
      description: 'Share of the reads served from the cache.',
      unit: 'percentunit',
      queries: [
        [
          `${rate('reliw_store_hits_total', '', JOB)} / (${rate('reliw_store_hits_total', '', JOB)} + ${rate('reliw_store_misses_total', '', JOB)})`,
          'hits'
        ]
      ]
    },
    {
      title: 'Memory of cached values',
      description: 'Estimated memory of the cached values of a server.',
      unit: 'bytes',
      queries: [[gauge('sum', 'reliw_store_kept_bytes', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Cached values',
      description: 'Number of values that a server caches, derived ones included.',
      unit: 'short',
      queries: [[gauge('sum', 'reliw_store_kept_values', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Invalidations and evictions',
      description: 'Cached values invalidated by a change, or evicted to free memory.',
      unit: 'ops',
      queries: [
        [rate('reliw_store_invalidations_total', '', JOB), 'invalidated'],
        [rate('reliw_store_evictions_total', '', JOB), 'evicted']
      ]
    },
    {
      title: 'Stale reads and invalid values',
      description:
        'Reads served from the cache while the store could not confirm the value; invalid values, by the first part of their key.',
      unit: 'ops',
      queries: [
        [rate('reliw_store_stale_served_total', '', JOB), 'stale'],
        [rate('reliw_store_values_rejected_total', 'family', JOB), 'rejected: {{family}}']
      ]
    },
    {
      title: 'Fleet-wide counts',
      description:
        'Whether a scrape reads all hosts of the store, and counts that could not be buffered or written.',
      unit: 'none',
      queries: [
        [gauge('min', 'reliw_fleet_complete', 'job', JOB), '{{job}} complete'],
        [rate('reliw_store_counts_dropped_total', 'instance', JOB), '{{instance}} dropped']
      ]
    }
  ]
}
