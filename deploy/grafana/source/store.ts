import type { Row } from './dashboard.ts'
import { gauge, JOB, quantile, rate } from './queries.ts'

/** Whether the store answers, and what is kept of it. */
export const store: Row = {
  title: 'Store',
  panels: [
    {
      title: 'Store is there',
      description: 'Whether the store of a server answers.',
      unit: 'none',
      queries: [[gauge('min', 'reliw_store_up', 'instance', JOB), '{{instance}}']],
      names: { 0: 'away', 1: 'there' }
    },
    {
      title: 'How long calls take',
      description: 'Of a hundred calls of the store, 95 took no longer than this.',
      unit: 's',
      queries: [
        [
          quantile(0.95, 'reliw_store_operation_duration_seconds', 'operation', JOB),
          '{{operation}}'
        ]
      ]
    },
    {
      title: 'Calls',
      description: 'Calls of the store, and those that failed.',
      unit: 'ops',
      queries: [
        [rate('reliw_store_operation_duration_seconds_count', 'operation', JOB), '{{operation}}'],
        [rate('reliw_store_operation_failures_total', 'operation', JOB), '{{operation}} failed']
      ]
    },
    {
      title: 'Answered by what is kept',
      description: 'The part of the reads that did not have to ask the store.',
      unit: 'percentunit',
      queries: [
        [
          `${rate('reliw_store_hits_total', '', JOB)} / (${rate('reliw_store_hits_total', '', JOB)} + ${rate('reliw_store_misses_total', '', JOB)})`,
          'kept'
        ]
      ]
    },
    {
      title: 'Kept values',
      description: 'Memory of a server that kept values account for, and how many there are.',
      unit: 'bytes',
      queries: [[gauge('sum', 'reliw_store_kept_bytes', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Number of kept values',
      description: 'Values of the store, and what was made of them, that a server keeps.',
      unit: 'short',
      queries: [[gauge('sum', 'reliw_store_kept_values', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Kept values that go',
      description: 'Because they were changed, or had to make room for others.',
      unit: 'ops',
      queries: [
        [rate('reliw_store_invalidations_total', '', JOB), 'changed'],
        [rate('reliw_store_evictions_total', '', JOB), 'no room']
      ]
    },
    {
      title: 'Unsure or wrong',
      description:
        'Reads that were answered by what the store could not confirm; values that are wrong, by what their key begins with.',
      unit: 'ops',
      queries: [
        [rate('reliw_store_stale_served_total', '', JOB), 'stale'],
        [rate('reliw_store_values_rejected_total', 'family', JOB), 'rejected: {{family}}']
      ]
    },
    {
      title: 'Counts of the fleet',
      description:
        'Whether a scrape reads all hosts of the store, and counts that could not be kept or written.',
      unit: 'none',
      queries: [
        [gauge('min', 'reliw_fleet_complete', 'job', JOB), '{{job}} complete'],
        [rate('reliw_store_counts_dropped_total', 'instance', JOB), '{{instance}} dropped']
      ]
    }
  ]
}
