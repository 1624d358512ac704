import type { Row } from './dashboard.ts'
import { gauge, JOB, rate } from './queries.ts'

/** Refused requests, logins and TLS handshakes. */
export const refusals: Row = {
  title: 'Limits, logins, TLS',
  panels: [
    {
      title: 'Refused by limits',
      description: 'Requests beyond a rate limit, by policy; requests refused for another reason.',
      unit: 'reqps',
      queries: [
        [rate('reliw_limits_exceeded_total', 'policy', JOB), '{{policy}}'],
        [rate('reliw_limits_refused_total', 'reason', JOB), '{{reason}}']
      ]
    },
    {
      title: 'Shared rate limits',
      description:
        'Whether rate limits are counted for all servers together; uses that a server counted locally.',
      unit: 'none',
      queries: [
        [gauge('min', 'reliw_limits_shared', 'instance', JOB), '{{instance}}'],
        [rate('reliw_limits_fallbacks_total', 'instance', JOB), '{{instance}} local']
      ]
    },
    {
      title: 'Logins',
      description: 'Sessions created and ended by users, and failed authentication attempts.',
      unit: 'ops',
      queries: [
        [rate('reliw_auth_logins_total', '', JOB), 'logins'],
        [rate('reliw_auth_logouts_total', '', JOB), 'logouts'],
        [rate('reliw_auth_failures_total', 'way', JOB), 'failed: {{way}}']
      ]
    },
    {
      title: 'TLS connections',
      description: 'TLS handshakes with clients: completed, by protocol, and failed.',
      unit: 'cps',
      queries: [
        [rate('reliw_tls_handshakes_total', 'protocol', JOB), '{{protocol}}'],
        [rate('reliw_tls_handshake_failures_total', '', JOB), 'failed']
      ]
    },
    {
      title: 'Certificates expire in',
      description: 'The ten certificates that expire first.',
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
