/** Labels of metrics and their values. Values of packages are typed, so that a missing one fails to compile. */

import type { AccessRefusedEvent, ListFetchedEvent } from '../packages/access/src/index.ts'
import type { RefusedEvent } from '../packages/limits/src/index.ts'
import { KINDS, METHODS } from '../packages/metrics/src/index.ts'
import type {
  FailureKind,
  HealthEvent,
  OutcomeEvent
} from '../packages/upstream-proxy/src/index.ts'
import type { WafVerdict } from '../packages/waf/src/index.ts'
import type { TimedOperation } from '@reliw/model'

/** The values of a type, each of which has to be there. */
function all<T extends string>(values: Readonly<Record<T, true>>): string {
  return code(Object.keys(values))
}

function code(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(' ')
}

const operations = all<TimedOperation>({
  get: true,
  hashField: true,
  hash: true,
  type: true,
  ttl: true,
  write: true,
  increment: true,
  count: true,
  take: true,
  publish: true
})
const outcomes = all<OutcomeEvent['result']>({
  answered: true,
  failed: true,
  'retries exhausted': true,
  'circuit open': true,
  'no origin': true,
  'pool full': true,
  'pool timeout': true,
  'client left': true,
  refused: true
})
const failures = all<FailureKind | 'client left'>({
  connect: true,
  forbidden: true,
  tls: true,
  reset: true,
  protocol: true,
  internal: true,
  'connect timeout': true,
  'headers timeout': true,
  'idle timeout': true,
  'total timeout': true,
  'client left': true
})
const refusals = all<RefusedEvent['reason']>({
  banned: true,
  overloaded: true,
  concurrency: true,
  body_size: true,
  maintenance: true
})
const clients = all<AccessRefusedEvent['reason']>({
  denied: true,
  'not allowed': true,
  undecided: true
})
const fetches = all<ListFetchedEvent['result']>({ changed: true, unchanged: true, failed: true })
const actions = all<WafVerdict['action']>({ block: true, detect: true, pass: true })
const ruleSets = all<WafVerdict['ruleSet']>({ all: true, host: true })
const changes = all<HealthEvent['change']>({
  ejected: true,
  returned: true,
  unhealthy: true,
  healthy: true,
  draining: true,
  undrained: true
})

/** Label; the families, if the label differs between families; its values. */
export const LABELS: readonly (readonly [label: string, of: string, values: string])[] = [
  [
    'host',
    '',
    'The site’s name, for all its [hosts](sites.md#names); `unknown`: no site has the host; `other`: a site beyond `max_hosts`'
  ],
  ['method', '', code(METHODS)],
  ['class', '', 'Class of the status: `2xx` `3xx` `4xx` `5xx`; statuses above 599 count as 500'],
  [
    'code',
    '',
    'The status. Beyond 200 outcomes of a host (status, method, kind), the first status of its class: `400`'
  ],
  ['kind', '`reliw_request_…`', `${code(KINDS)}: the kind of content at the path`],
  ['kind', '`nodejs_gc_…`', code(['major', 'minor', 'incremental', 'weakcb'])],
  ['operation', '', operations],
  ['family', '', 'First part of the key, after the prefix: `API`, `WAF`, `SITE`, …; `other`'],
  ['rule_set', '', ruleSets],
  ['action', '', actions],
  ['policy', '', 'The `name` in `rate_limits`; for the `rate_limit` of an entry, the method'],
  ['reason', '`reliw_limits_refused_total`', refusals],
  ['reason', '`reliw_access_refused_total`', clients],
  [
    'reason',
    '`reliw_bans_made_total`',
    'The reason in the ban: `login failures`, `blocked by the WAF`, …'
  ],
  [
    'reason',
    '`reliw_connections_cut_total`',
    code(['slow_body', 'slow_reader', 'pipeline', 'departed', 'excess'])
  ],
  [
    'resource',
    '',
    code(['event_loop_delay', 'event_loop_utilization', 'heap', 'rss', 'open_files'])
  ],
  ['list', '', 'The name in `LIST:<name>`'],
  ['result', '`reliw_access_list_fetches_total`', fetches],
  ['upstream', '', 'The host; the host and the entry, `host:entry`; or the name given by an app'],
  ['origin', '', '`host:port`, or the path of a Unix socket'],
  ['result', '`reliw_upstream_requests_total`', outcomes],
  ['result', '`reliw_upstream_attempts_total`', `\`2xx\` … \`5xx\` ${failures}`],
  ['change', '', changes],
  ['state', '', code(['active', 'idle'])],
  ['way', '', code(['password', 'code', 'oidc', 'basic', 'api_key', 'jwt', 'forward', 'session'])],
  ['protocol', '', code(['TLSv1.2', 'TLSv1.3'])],
  ['certificate', '', 'The first name in the certificate'],
  ['version', '`reliw_build_info`', 'Version of RELIW'],
  ['version major minor patch', '`nodejs_version_info`', 'Version of Node.js']
]
