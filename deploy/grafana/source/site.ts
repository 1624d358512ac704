import type { Dashboard } from './dashboard.ts'
import { objectives } from './objectives.ts'
import { HOST, quantile, quantiles, rate } from './queries.ts'

const REQUESTS = 'reliw_request_duration_seconds'

/** One or several sites. */
export const site: Dashboard = {
  name: 'site',
  title: 'RELIW site',
  description: 'One or several sites: objectives, requests, refusals, logins.',
  variables: ['host'],
  rows: [
    objectives('job_host', HOST),
    {
      title: 'Requests',
      panels: [
        {
          title: 'By class',
          description: 'Responses by class of their status.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'class', HOST), '{{class}}']],
          kind: 'stack'
        },
        {
          title: 'By kind of response',
          description:
            'File, page, redirect, login page or upstream; `none` stands for refusals and responses without content, such as 404.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'kind', HOST), '{{kind}}']],
          kind: 'stack'
        },
        {
          title: 'By method',
          description: 'Responses by method of the request.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'method', HOST), '{{method}}']],
          kind: 'stack'
        },
        {
          title: 'Duration',
          description:
            'From the head of a request to the end of its response, WebSockets left out.',
          unit: 's',
          queries: quantiles(REQUESTS, `${HOST}, class!="1xx"`)
        },
        {
          title: 'Duration by kind of response, 95th percentile',
          description:
            'From the head of a request to the end of its response, WebSockets left out.',
          unit: 's',
          queries: [[quantile(0.95, REQUESTS, 'kind', `${HOST}, class!="1xx"`), '{{kind}}']]
        },
        {
          title: 'Bodies',
          description: 'Bytes of request and response bodies.',
          unit: 'Bps',
          queries: [
            [rate('reliw_request_body_bytes_total', '', HOST), 'received'],
            [rate('reliw_response_body_bytes_total', '', HOST), 'sent']
          ]
        },
        {
          title: 'By status, as stored',
          description:
            'http_requests_total: every server shows the same fleet-wide counts, so the largest is taken, not the sum.',
          unit: 'reqps',
          queries: [
            [
              `sum by (code) (max by (job, host, code) (rate(http_requests_total{${HOST}}[$__rate_interval])))`,
              '{{code}}'
            ]
          ],
          kind: 'stack',
          width: 12
        },
        {
          title: 'By method, as stored',
          description:
            'http_requests_by_method: every server shows the same fleet-wide counts, so the largest is taken.',
          unit: 'reqps',
          queries: [
            [
              `sum by (method) (max by (job, host, method) (rate(http_requests_by_method{${HOST}}[$__rate_interval])))`,
              '{{method}}'
            ]
          ],
          kind: 'stack',
          width: 12
        }
      ]
    },
    {
      title: 'Refusals and logins',
      panels: [
        {
          title: 'Refused by limits',
          description:
            'Requests beyond a rate limit, by policy; requests refused for another reason.',
          unit: 'reqps',
          queries: [
            [rate('reliw_limits_exceeded_total', 'policy', HOST), '{{policy}}'],
            [rate('reliw_limits_refused_total', 'reason', HOST), '{{reason}}']
          ]
        },
        {
          title: 'Firewall',
          description: 'Requests that rules matched, by action.',
          unit: 'reqps',
          queries: [[rate('reliw_waf_verdicts_total', 'action', HOST), '{{action}}']]
        },
        {
          title: 'Logins',
          description: 'Sessions created and ended by users, and failed authentication attempts.',
          unit: 'ops',
          queries: [
            [rate('reliw_auth_logins_total', 'way', HOST), '{{way}}'],
            [rate('reliw_auth_logouts_total', '', HOST), 'logouts'],
            [rate('reliw_auth_failures_total', 'way', HOST), 'failed: {{way}}']
          ]
        }
      ]
    }
  ]
}
