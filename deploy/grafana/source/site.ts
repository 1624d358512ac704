import type { Dashboard } from './dashboard.ts'
import { objectives } from './objectives.ts'
import { HOST, quantile, quantiles, rate } from './queries.ts'

const REQUESTS = 'reliw_request_duration_seconds'

/** One site, or some. */
export const site: Dashboard = {
  name: 'site',
  title: 'RELIW site',
  description: 'What one site, or some, answered: objectives, requests, refusals, logins.',
  variables: ['host'],
  rows: [
    objectives('job_host', HOST),
    {
      title: 'Requests',
      panels: [
        {
          title: 'By class',
          description: 'Answers by the class of their status.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'class', HOST), '{{class}}']],
          kind: 'stack'
        },
        {
          title: 'By what answers',
          description:
            'File, page, redirect, login page or upstream; `none` are refusals and what was not found.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'kind', HOST), '{{kind}}']],
          kind: 'stack'
        },
        {
          title: 'By method',
          description: 'Answers by the method of the request.',
          unit: 'reqps',
          queries: [[rate(`${REQUESTS}_count`, 'method', HOST), '{{method}}']],
          kind: 'stack'
        },
        {
          title: 'How long they take',
          description: 'From the head of a request to the end of its answer, WebSockets left out.',
          unit: 's',
          queries: quantiles(REQUESTS, `${HOST}, class!="1xx"`)
        },
        {
          title: 'How long they take, by what answers',
          description: 'Of a hundred, 95 took no longer than this.',
          unit: 's',
          queries: [[quantile(0.95, REQUESTS, 'kind', `${HOST}, class!="1xx"`), '{{kind}}']]
        },
        {
          title: 'Bodies',
          description: 'Bytes of the bodies of requests and answers.',
          unit: 'Bps',
          queries: [
            [rate('reliw_request_body_bytes_total', '', HOST), 'received'],
            [rate('reliw_response_body_bytes_total', '', HOST), 'sent']
          ]
        },
        {
          title: 'By status, as the store has it',
          description:
            'http_requests_total: every server shows the same counts of all of them, so that the largest is taken, not the sum.',
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
          title: 'By method, as the store has it',
          description: 'http_requests_by_method, the largest of what servers show.',
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
          description: 'Requests beyond a budget, by its policy; refused for another reason.',
          unit: 'reqps',
          queries: [
            [rate('reliw_limits_exceeded_total', 'policy', HOST), '{{policy}}'],
            [rate('reliw_limits_refused_total', 'reason', HOST), '{{reason}}']
          ]
        },
        {
          title: 'Firewall',
          description: 'Requests in which rules found something, by what was done.',
          unit: 'reqps',
          queries: [[rate('reliw_waf_verdicts_total', 'action', HOST), '{{action}}']]
        },
        {
          title: 'Logins',
          description:
            'Sessions that began and that users ended, and proofs of identity that were wrong.',
          unit: 'ops',
          queries: [
            [rate('reliw_auth_logins_total', 'way', HOST), '{{way}}'],
            [rate('reliw_auth_logouts_total', '', HOST), 'logouts'],
            [rate('reliw_auth_failures_total', 'way', HOST), 'wrong: {{way}}']
          ]
        }
      ]
    }
  ]
}
