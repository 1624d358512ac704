import type { Row } from './dashboard.ts'
import { gauge, JOB, rate } from './queries.ts'

/** Resource usage of the processes. */
export const servers: Row = {
  title: 'Servers',
  panels: [
    {
      title: 'Servers that respond',
      description: 'Share of the servers that Prometheus can scrape.',
      unit: 'percentunit',
      queries: [[`avg(up{${JOB}})`, '']],
      kind: 'number',
      width: 6,
      good: [0.5, 1]
    },
    {
      title: 'Servers that are ready',
      description:
        'Share of the responding servers that are ready: not draining or overloaded, and their store has responded.',
      unit: 'percentunit',
      queries: [[`avg(reliw_ready{${JOB}})`, '']],
      kind: 'number',
      width: 6,
      good: [0.5, 1]
    },
    {
      title: 'Processes',
      description: 'Server processes.',
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
      description: 'How near a server is to its limits; an overloaded server refuses requests.',
      unit: 'none',
      queries: [[gauge('max', 'reliw_pressure_level', 'instance', JOB), '{{instance}}']],
      names: { 0: 'normal', 1: 'warning', 2: 'reduced', 3: 'overloaded' }
    },
    {
      title: 'Usage of limits',
      description:
        'Highest usage of each resource on any server; from 95 % on, the server is overloaded.',
      unit: 'percentunit',
      queries: [[gauge('max', 'reliw_pressure_ratio', 'resource', JOB), '{{resource}}']]
    },
    {
      title: 'Event loop',
      description: 'Event loop lag, 99th percentile.',
      unit: 's',
      queries: [[gauge('max', 'nodejs_eventloop_lag_p99_seconds', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'CPU',
      description: 'CPU cores used by a server.',
      unit: 'none',
      queries: [[rate('process_cpu_seconds_total', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Memory',
      description: 'Resident memory of a server (RSS), and its used JavaScript heap.',
      unit: 'bytes',
      queries: [
        [gauge('sum', 'process_resident_memory_bytes', 'instance', JOB), '{{instance}}'],
        [gauge('sum', 'nodejs_heap_size_used_bytes', 'instance', JOB), '{{instance}} heap']
      ]
    },
    {
      title: 'Garbage collection',
      description: 'Share of time spent collecting garbage.',
      unit: 'percentunit',
      queries: [[rate('nodejs_gc_duration_seconds_sum', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'File descriptors',
      description: 'Open files and sockets.',
      unit: 'short',
      queries: [[gauge('sum', 'process_open_fds', 'instance', JOB), '{{instance}}']]
    },
    {
      title: 'Dropped log lines and failed metrics',
      description:
        'Log lines dropped because the log was too slow, and sources of metrics that could not be read.',
      unit: 'cps',
      queries: [
        [rate('reliw_log_lines_dropped_total', 'instance', JOB), '{{instance}} log lines'],
        [rate('reliw_metrics_failures_total', 'instance', JOB), '{{instance}} metrics']
      ]
    },
    {
      title: 'Uptime',
      description: 'How long a server has been running.',
      unit: 's',
      queries: [
        [`time() - ${gauge('min', 'process_start_time_seconds', 'instance', JOB)}`, '{{instance}}']
      ]
    }
  ]
}
