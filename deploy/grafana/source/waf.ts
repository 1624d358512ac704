import type { Dashboard } from './dashboard.ts'
import { gauge, HOST, JOB, quantiles, rate } from './queries.ts'

const BLOCKED = `${HOST}, action="block"`

/** The firewall, bans, refusals and failed logins. */
export const waf: Dashboard = {
  name: 'waf',
  title: 'RELIW firewall',
  description: 'Matches and cost of the firewall; bans, refusals and failed logins.',
  variables: ['host'],
  rows: [
    {
      title: 'Firewall',
      panels: [
        {
          title: 'By action',
          description: 'Requests that rules matched. `detect` and `pass` were admitted.',
          unit: 'reqps',
          queries: [[rate('reliw_waf_verdicts_total', 'action', HOST), '{{action}}']],
          kind: 'stack'
        },
        {
          title: 'By rule set',
          description: 'Matches of the rules of all hosts and of the rules of the host.',
          unit: 'reqps',
          queries: [
            [rate('reliw_waf_verdicts_total', 'rule_set, action', HOST), '{{rule_set}} {{action}}']
          ]
        },
        {
          title: 'Blocked share',
          description: 'Share of all requests that were blocked.',
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
          description: 'The ten sites with the most blocked requests.',
          unit: 'reqps',
          queries: [[`topk(10, job_host:reliw_waf_blocks:rate10m{${HOST}})`, '{{host}}']]
        },
        {
          title: 'Over budget',
          description: 'Requests whose rules exhausted their budget of steps.',
          unit: 'reqps',
          queries: [[rate('reliw_waf_over_budget_total', 'host', HOST), '{{host}}']]
        },
        {
          title: 'Duration of evaluation',
          description:
            'Time to evaluate the rules for a request, for all hosts; requests known to be clean are not evaluated.',
          unit: 's',
          queries: quantiles('reliw_waf_examination_duration_seconds', JOB)
        }
      ]
    },
    {
      title: 'Bans and refusals',
      panels: [
        {
          title: 'Bans',
          description: 'Bans in force; all servers have the same.',
          unit: 'short',
          queries: [[gauge('max', 'reliw_bans', 'job', JOB), '{{job}}']]
        },
        {
          title: 'Automatic bans',
          description: 'Clients banned automatically within an hour, by reason.',
          unit: 'none',
          queries: [[`sum by (reason) (increase(reliw_bans_made_total{${JOB}}[1h]))`, '{{reason}}']]
        },
        {
          title: 'Refused',
          description:
            'Requests refused because the client was banned, too many requests were in flight, or the server was overloaded.',
          unit: 'reqps',
          queries: [[rate('reliw_limits_refused_total', 'reason', HOST), '{{reason}}']]
        },
        {
          title: 'Failed logins by method',
          description: 'Failed authentication attempts, by authentication method.',
          unit: 'ops',
          queries: [[rate('reliw_auth_failures_total', 'way', HOST), '{{way}}']]
        },
        {
          title: 'Failed logins by site',
          description: 'The ten sites with the most failed authentication attempts.',
          unit: 'ops',
          queries: [[`topk(10, job_host:reliw_auth_failures:rate10m{${HOST}})`, '{{host}}']]
        },
        {
          title: 'Rate limits exceeded',
          description: 'Requests refused because a rate limit was exceeded, by policy.',
          unit: 'reqps',
          queries: [[rate('reliw_limits_exceeded_total', 'policy', HOST), '{{policy}}']]
        }
      ]
    }
  ]
}
