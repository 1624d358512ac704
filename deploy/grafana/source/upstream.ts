import type { Dashboard } from './dashboard.ts'
import { gauge, quantiles, rate, UPSTREAM } from './queries.ts'

/** The apps behind the sites. */
export const upstream: Dashboard = {
  name: 'upstream',
  title: 'RELIW upstreams',
  description:
    'What upstreams and their origins do: results, times, retries, circuits, connections.',
  variables: ['upstream'],
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'By result',
          description:
            'What came of the requests of clients: `answered` has answers of all statuses.',
          unit: 'reqps',
          queries: [[rate('reliw_upstream_requests_total', 'result', UPSTREAM), '{{result}}']],
          kind: 'stack'
        },
        {
          title: 'Not answered by an origin',
          description:
            'The part of the requests that failed, or found a circuit open, no origin, or no connection.',
          unit: 'percentunit',
          queries: [
            [`job_upstream:reliw_upstream_failed:ratio_rate5m{${UPSTREAM}}`, '{{upstream}}']
          ]
        },
        {
          title: 'How long attempts take',
          description: 'From the sending of a request to the head of its answer, or the failure.',
          unit: 's',
          queries: quantiles('reliw_upstream_attempt_duration_seconds', UPSTREAM)
        },
        {
          title: 'Attempts',
          description:
            'Requests that were sent to an origin, by the class of its answer or the failure.',
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
          description: 'Attempts after the first one, and requests that failed after all of them.',
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
          title: 'In flight, and waiting',
          description: 'Requests at origins, and those that wait for a connection.',
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
          description: 'The worst of all processes. Open: clients get 503 at once.',
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
          description: 'Requests at an origin.',
          unit: 'short',
          queries: [
            [gauge('sum', 'reliw_upstream_requests_in_flight', 'origin', UPSTREAM), '{{origin}}']
          ]
        }
      ]
    }
  ]
}
