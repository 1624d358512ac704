import type { Dashboard } from './dashboard.ts'
import { objectives } from './objectives.ts'
import { gauge, JOB, quantiles, rate } from './queries.ts'
import { refusals } from './refusals.ts'
import { servers } from './servers.ts'
import { store } from './store.ts'

const REQUESTS = 'reliw_request_duration_seconds'

/** All servers and all sites together: the dashboard to open first. */
export const fleet: Dashboard = {
  name: 'fleet',
  title: 'RELIW fleet',
  description: 'All servers and sites: objectives, requests, processes, store, limits.',
  variables: [],
  rows: [
    objectives('job', JOB),
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by class',
          description: 'Responses by class of their status, over all servers.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'class', JOB), '{{class}}']],
          kind: 'stack'
        },
        {
          title: 'Duration',
          description:
            'From the head of a request to the end of its response, WebSockets left out.',
          unit: 's',
          queries: quantiles(REQUESTS, `${JOB}, class!="1xx"`)
        },
        {
          title: 'Failures by site',
          description: 'The ten sites with the largest share of requests that get a 5xx response.',
          unit: 'percentunit',
          queries: [
            [`topk(10, job_host:reliw_requests_failed:ratio_rate5m{${JOB}} > 0)`, '{{host}}']
          ]
        },
        {
          title: 'Busiest sites',
          description:
            'The ten sites with the most requests; `unknown` stands for hosts that are not sites.',
          unit: 'reqps',
          queries: [[`topk(10, job_host:reliw_requests:rate5m{${JOB}})`, '{{host}}']]
        },
        {
          title: 'Slow requests by site',
          description:
            'The ten sites with the largest share of requests that take longer than 500 ms.',
          unit: 'percentunit',
          queries: [
            [`topk(10, job_host:reliw_requests_over_500ms:ratio_rate5m{${JOB}} > 0)`, '{{host}}']
          ]
        },
        {
          title: 'By status, as stored',
          description:
            'http_requests_total: every server shows the same fleet-wide counts, so the largest is taken, not the sum.',
          unit: 'reqps',
          queries: [
            [
              `sum by (code) (max by (job, host, code) (rate(http_requests_total{${JOB}}[$__rate_interval])))`,
              '{{code}}'
            ]
          ],
          kind: 'stack'
        },
        {
          title: 'Requests in flight, and connections',
          description: 'Requests in flight, and open client connections.',
          unit: 'short',
          queries: [
            [gauge('sum', 'reliw_requests_in_flight', '', JOB), 'requests'],
            [gauge('sum', 'reliw_connections', '', JOB), 'connections']
          ]
        },
        {
          title: 'New connections',
          description:
            'Accepted client connections, and those cut off because the client was slow, had left or had too many.',
          unit: 'cps',
          queries: [
            [rate('reliw_connections_accepted_total', '', JOB), 'accepted'],
            [rate('reliw_connections_cut_total', 'reason', JOB), 'cut off: {{reason}}']
          ]
        },
        {
          title: 'Bodies',
          description: 'Bytes of request and response bodies.',
          unit: 'Bps',
          queries: [
            [rate('reliw_request_body_bytes_total', '', JOB), 'received'],
            [rate('reliw_response_body_bytes_total', '', JOB), 'sent']
          ]
        }
      ]
    },
    servers,
    store,
    refusals
  ]
}
