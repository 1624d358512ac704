import type { Row } from './dashboard.ts'
import { gauge, JOB, rate } from './queries.ts'

/** Who is let in, and who is not. */
export const refusals: Row = {
  title: 'Limits, logins, TLS',
  panels: [
    {
      title: 'Refused by limits',
      description: 'Requests beyond a budget, by its policy; refused for another reason.',
      unit: 'reqps',
      queries: [
        [rate('reliw_limits_exceeded_total', 'policy', JOB), '{{policy}}'],
        [rate('reliw_limits_refused_total', 'reason', JOB), '{{reason}}']
      ]
    },
    {
      title: 'Limits are shared',
      description: 'Whether budgets are those of all servers; uses that a server counted alone.',
      unit: 'none',
      queries: [
        [gauge('min', 'reliw_limits_shared', 'instance', JOB), '{{instance}}'],
        [rate('reliw_limits_fallbacks_total', 'instance', JOB), '{{instance}} alone']
      ]
    },
    {
      title: 'Logins',
      description:
        'Sessions that began and that users ended, and proofs of identity that were wrong.',
      unit: 'ops',
      queries: [
        [rate('reliw_auth_logins_total', '', JOB), 'logins'],
        [rate('reliw_auth_logouts_total', '', JOB), 'logouts'],
        [rate('reliw_auth_failures_total', 'way', JOB), 'wrong: {{way}}']
      ]
    },
    {
      title: 'TLS connections',
      description: 'By protocol, and those that did not come about.',
      unit: 'cps',
      queries: [
        [rate('reliw_tls_handshakes_total', 'protocol', JOB), '{{protocol}}'],
        [rate('reliw_tls_handshake_failures_total', '', JOB), 'failed']
      ]
    },
    {
      title: 'Certificates run out in',
      description: 'The ten that run out first.',
      unit: 's',
      queries: [
        [
          `bottomk(10, ${gauge('min', 'reliw_tls_certificate_expiry_timestamp_seconds', 'certificate', JOB)} - time())`,
          '{{certificate}}'
        ]
      ]
    }
  ]
}
