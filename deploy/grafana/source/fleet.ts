import type { Dashboard } from './dashboard.ts'
import { objectives } from './objectives.ts'
import { gauge, JOB, quantiles, rate } from './queries.ts'
import { refusals } from './refusals.ts'
import { servers } from './servers.ts'
import { store } from './store.ts'

const REQUESTS = 'reliw_request_duration_seconds'

/** All servers and all sites together: where one looks first. */
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
          description: 'Answers by the class of their status, over all servers.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'class', JOB), '{{class}}']],
          kind: 'stack'
        },
        {
          title: 'How long they take',
          description: 'From the head of a request to the end of its answer, WebSockets left out.',
          unit: 's',
          queries: quantiles(REQUESTS, `${JOB}, class!="1xx"`)
        },
        {
          title: 'Failures by site',
          description: 'The ten sites with the largest part of requests that are answered 5xx.',
          unit: 'percentunit',
          queries: [
            [`topk(10, job_host:reliw_requests_failed:ratio_rate5m{${JOB}} > 0)`, '{{host}}']
          ]
        },
        {
          title: 'Busiest sites',
          description:
            'The ten sites with most requests; `unknown` is for hosts that are no sites.',
          unit: 'reqps',
          queries: [[`topk(10, job_host:reliw_requests:rate5m{${JOB}})`, '{{host}}']]
        },
        {
          title: 'Slow by site',
          description:
            'The ten sites with the largest part of requests that take longer than 500 ms.',
          unit: 'percentunit',
          queries: [
            [`topk(10, job_host:reliw_requests_over_500ms:ratio_rate5m{${JOB}} > 0)`, '{{host}}']
          ]
        },
        {
          title: 'By status, as the store has it',
          description:
            'http_requests_total: every server shows the same counts of all of them, so that the largest is taken, not the sum.',
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
          title: 'In flight, and connections',
          description: 'Requests that are being answered, and connections of clients.',
          unit: 'short',
          queries: [
            [gauge('sum', 'reliw_requests_in_flight', '', JOB), 'requests'],
            [gauge('sum', 'reliw_connections', '', JOB), 'connections']
          ]
        },
        {
          title: 'New connections',
          description:
            'Connections that clients made, and those that were cut because they were slow or too many.',
          unit: 'cps',
          queries: [
            [rate('reliw_connections_accepted_total', '', JOB), 'made'],
            [rate('reliw_connections_cut_total', 'reason', JOB), 'cut: {{reason}}']
          ]
        },
        {
          title: 'Bodies',
          description: 'Bytes of the bodies of requests and answers.',
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
