import type { Dashboard } from './dashboard.ts'
import { gauge, quantiles, rate, UPSTREAM } from './queries.ts'

/** Upstreams and their origins. */
export const upstream: Dashboard = {
  name: 'upstream',
  title: 'RELIW upstreams',
  description: 'Upstreams and their origins: results, durations, retries, circuits, connections.',
  variables: ['upstream'],
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'By result',
          description: 'Results of client requests: `answered` has responses of all statuses.',
          unit: 'reqps',
          queries: [[rate('reliw_upstream_requests_total', 'result', UPSTREAM), '{{result}}']],
          kind: 'stack'
        },
        {
          title: 'Failed requests',
          description:
            'Share of the requests that failed, or found an open circuit, no origin or no connection.',
          unit: 'percentunit',
          queries: [
            [`job_upstream:reliw_upstream_failed:ratio_rate5m{${UPSTREAM}}`, '{{upstream}}']
          ]
        },
        {
          title: 'Duration of attempts',
          description: 'From sending a request to the head of its response, or to the failure.',
          unit: 's',
          queries: quantiles('reliw_upstream_attempt_duration_seconds', UPSTREAM)
        },
        {
          title: 'Attempts',
          description: 'Requests sent to an origin, by class of the response or by failure.',
          unit: 'reqps',
          queries: [
            [
              rate('reliw_upstream_attempts_total', 'origin, result', UPSTREAM),
              '{{origin}} {{result}}'
            ]
          ]
        },
        {
          title: 'Retries',
          description: 'Attempts after the first one, and requests that failed after all attempts.',
          unit: 'reqps',
          queries: [
            [rate('reliw_upstream_retries_total', 'upstream', UPSTREAM), '{{upstream}}'],
            [
              rate('reliw_upstream_retries_exhausted_total', 'upstream', UPSTREAM),
              '{{upstream}} exhausted'
            ]
          ]
        },
        {
          title: 'In flight and waiting',
          description: 'Requests in flight at origins, and requests waiting for a connection.',
          unit: 'short',
          queries: [
            [
              gauge('sum', 'reliw_upstream_requests_in_flight', 'upstream', UPSTREAM),
              '{{upstream}}'
            ],
            [
              gauge('sum', 'reliw_upstream_pending_requests', 'upstream', UPSTREAM),
              '{{upstream}} waiting'
            ]
          ]
        }
      ]
    },
    {
      title: 'Circuits and origins',
      panels: [
        {
          title: 'Circuit',
          description: 'Worst state of all processes. Open: clients get 503 immediately.',
          unit: 'none',
          queries: [
            [gauge('max', 'reliw_upstream_circuit_state', 'upstream', UPSTREAM), '{{upstream}}']
          ],
          names: { 0: 'closed', 1: 'half-open', 2: 'open' }
        },
        {
          title: 'Circuits that opened',
          description: 'How many times, within an hour.',
          unit: 'none',
          queries: [
            [
              `sum by (upstream) (increase(reliw_upstream_circuit_openings_total{${UPSTREAM}}[1h]))`,
              '{{upstream}}'
            ]
          ]
        },
        {
          title: 'Origins in use',
          description: 'Whether all processes use an origin.',
          unit: 'none',
          queries: [
            [
              gauge('min', 'reliw_upstream_origin_up', 'upstream, origin', UPSTREAM),
              '{{upstream}} {{origin}}'
            ]
          ],
          names: { 0: 'out', 1: 'in use' }
        },
        {
          title: 'Origins that changed',
          description: 'How many times within an hour an origin went out of use or came back.',
          unit: 'none',
          queries: [
            [
              `sum by (origin, change) (increase(reliw_upstream_origin_changes_total{${UPSTREAM}}[1h]))`,
              '{{origin}} {{change}}'
            ]
          ]
        },
        {
          title: 'Connections',
          description: 'Connections to an origin.',
          unit: 'short',
          queries: [
            [
              gauge('sum', 'reliw_upstream_connections', 'origin, state', UPSTREAM),
              '{{origin}} {{state}}'
            ]
          ]
        },
        {
          title: 'In flight, by origin',
          description: 'Requests in flight at an origin.',
          unit: 'short',
          queries: [
            [gauge('sum', 'reliw_upstream_requests_in_flight', 'origin', UPSTREAM), '{{origin}}']
          ]
        }
      ]
    }
  ]
}
