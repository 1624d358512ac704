import type { Dashboard } from './dashboard.ts'
import { gauge, HOST, JOB, quantiles, rate } from './queries.ts'

const BLOCKED = `${HOST}, action="block"`

/** Who is kept out: the firewall, and what goes with it. */
export const waf: Dashboard = {
  name: 'waf',
  title: 'RELIW firewall',
  description: 'What the firewall finds and costs; bans, refusals and wrong passwords.',
  variables: ['host'],
  rows: [
    {
      title: 'Firewall',
      panels: [
        {
          title: 'By what was done',
          description: 'Requests in which rules found something. `detect` and `pass` were let in.',
          unit: 'reqps',
          queries: [[rate('reliw_waf_verdicts_total', 'action', HOST), '{{action}}']],
          kind: 'stack'
        },
        {
          title: 'By rules',
          description: 'Whether rules of all hosts or of the host found it.',
          unit: 'reqps',
          queries: [
            [rate('reliw_waf_verdicts_total', 'rule_set, action', HOST), '{{rule_set}} {{action}}']
          ]
        },
        {
          title: 'Blocked part',
          description: 'The part of all requests that was blocked.',
          unit: 'percentunit',
          queries: [
            [
              `${rate('reliw_waf_verdicts_total', '', BLOCKED)} / ${rate('reliw_request_duration_seconds_count', '', HOST)}`,
              'blocked'
            ]
          ]
        },
        {
          title: 'Most blocked',
          description: 'The ten sites on which most is blocked.',
          unit: 'reqps',
          queries: [[`topk(10, job_host:reliw_waf_blocks:rate10m{${HOST}})`, '{{host}}']]
        },
        {
          title: 'Too many steps',
          description: 'Requests for which the rules used up their steps.',
          unit: 'reqps',
          queries: [[rate('reliw_waf_over_budget_total', 'host', HOST), '{{host}}']]
        },
        {
          title: 'What looking takes',
          description:
            'Time to hold a request against the rules, but for those known to be clean; of all hosts.',
          unit: 's',
          queries: quantiles('reliw_waf_examination_duration_seconds', JOB)
        }
      ]
    },
    {
      title: 'Kept out',
      panels: [
        {
          title: 'Bans',
          description: 'Bans in force; all servers have the same.',
          unit: 'short',
          queries: [[gauge('max', 'reliw_bans', 'job', JOB), '{{job}}']]
        },
        {
          title: 'Automatic bans',
          description: 'Clients that were banned within an hour, by reason.',
          unit: 'none',
          queries: [[`sum by (reason) (increase(reliw_bans_made_total{${JOB}}[1h]))`, '{{reason}}']]
        },
        {
          title: 'Refused',
          description: 'Requests of banned clients, of too many at once, of an overloaded server.',
          unit: 'reqps',
          queries: [[rate('reliw_limits_refused_total', 'reason', HOST), '{{reason}}']]
        },
        {
          title: 'Wrong passwords by way',
          description: 'Proofs of identity that were wrong.',
          unit: 'ops',
          queries: [[rate('reliw_auth_failures_total', 'way', HOST), '{{way}}']]
        },
        {
          title: 'Wrong passwords by site',
          description: 'The ten sites with most of them.',
          unit: 'ops',
          queries: [[`topk(10, job_host:reliw_auth_failures:rate10m{${HOST}})`, '{{host}}']]
        },
        {
          title: 'Beyond a limit',
          description: 'Requests that were refused because a budget had run out, by its policy.',
          unit: 'reqps',
          queries: [[rate('reliw_limits_exceeded_total', 'policy', HOST), '{{policy}}']]
        }
      ]
    }
  ]
}
