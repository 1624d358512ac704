import type { Row } from './dashboard.ts'
import { gauge, JOB, rate } from './queries.ts'

/** What the processes take of their machines. */
export const servers: Row = {
  title: 'Servers',
  panels: [
    {
      title: 'Servers that answer',
      description: 'The part of the servers that Prometheus can ask.',
      unit: 'percentunit',
      queries: [[`avg(up{${JOB}})`, '']],
      kind: 'number',
      width: 6,
      good: [0.5, 1]
    },
    {
      title: 'Servers that are ready',
      description: 'Of those that answer: not draining, and their store has answered.',
      unit: 'percentunit',
      queries: [[`avg(reliw_ready{${JOB}})`, '']],
      kind: 'number',
      width: 6,
      good: [0.5, 1]
    },
    {
      title: 'Processes',
      description: 'Processes that serve.',
      unit: 'none',
      queries: [[gauge('sum', 'reliw_processes', '', JOB), '']],
      kind: 'number',
      width: 6
    },
    {
      title: 'Versions',
      description: 'Servers by version.',
      unit: 'none',
      queries: [[`count by (version) (reliw_build_info{${JOB}})`, '{{version}}']],
      kind: 'number',
      width: 6
    },
    {
      title: 'Pressure',
      description: 'How near a server is to its limits; one that is overloaded refuses requests.',
      unit: 'none',
      queries: [[gauge('max', 'reliw_pressure_level', 'instance', JOB), '{{instance}}']],
      names: { 0: 'normal', 1: 'warning', 2: 'reduced', 3: 'overloaded' }
    },
    {
      title: 'What is used of the limits',
      description: 'On the server that has used most of each; from 95 % on it is overloaded.',
      unit: 'percentunit',
      queries: [[gauge('max', 'reliw_pressure_ratio', 'resource', JOB), '{{resource}}']]
    },
    {
      title: 'Event loop',
      description: 'Of a hundred turns, 99 came no later than this.',
      unit: 's',
      queries: [[gauge('max', 'nodejs_eventloop_lag_p99_seconds', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Processor',
      description: 'Processors that are busy with a server.',
      unit: 'none',
      queries: [[rate('process_cpu_seconds_total', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Memory',
      description: 'Memory that a server takes (RSS), and what of it JavaScript uses.',
      unit: 'bytes',
      queries: [
        [gauge('sum', 'process_resident_memory_bytes', 'instance', JOB), '{{instance}}'],
        [gauge('sum', 'nodejs_heap_size_used_bytes', 'instance', JOB), '{{instance}} heap']
      ]
    },
    {
      title: 'Garbage collection',
      description: 'The part of the time that goes into it.',
      unit: 'percentunit',
      queries: [[rate('nodejs_gc_duration_seconds_sum', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'File descriptors',
      description: 'Files and sockets that are open.',
      unit: 'short',
      queries: [[gauge('sum', 'process_open_fds', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Lost for those who watch',
      description:
        'Log lines dropped because the log was too slow, and sources of metrics that could not be read.',
      unit: 'cps',
      queries: [
        [rate('reliw_log_lines_dropped_total', 'instance', JOB), '{{instance}} log lines'],
        [rate('reliw_metrics_failures_total', 'instance', JOB), '{{instance}} metrics']
      ]
    },
    {
      title: 'Time since the start',
      description: 'How long a server has been running.',
      unit: 's',
      queries: [
        [`time() - ${gauge('min', 'process_start_time_seconds', 'instance', JOB)}`, '{{instance}}']
      ]
    }
  ]
}
