import type { Description } from './family.ts'

/** Upper bounds for what takes time, in seconds. Those of the usual objectives, 0.5 and 2, are among them. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]
/** The same for what takes some microseconds. */
const SHORT = [0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05]

const counter = (name: string, labels: readonly string[], help: string): Description => ({
  name,
  type: 'counter',
  labels,
  help
})
const gauge = (
  name: string,
  labels: readonly string[],
  help: string,
  merge: 'sum' | 'max' | 'min' = 'sum'
): Description => ({ name, type: 'gauge', labels, help, merge })
const histogram = (
  name: string,
  labels: readonly string[],
  help: string,
  bounds: readonly number[] = SECONDS
): Description => ({ name, type: 'histogram', labels, help, bounds })

/** All families but those of the runtime (see `process/runtime.ts`), by the part of the server that they are about. */
export const catalog = {
  Process: {
    info: gauge(
      'reliw_build_info',
      ['version'],
      'Always 1; the label says which version runs.',
      'max'
    ),
    processes: gauge('reliw_processes', [], 'Processes that these values are from.'),
    ready: gauge('reliw_ready', [], 'Whether requests are welcome: 1, else 0.', 'min'),
    logDropped: counter(
      'reliw_log_lines_dropped_total',
      [],
      'Lines that the log was too slow to take.'
    ),
    failures: counter(
      'reliw_metrics_failures_total',
      [],
      'Times that a part of these values could not be had.'
    )
  },
  Requests: {
    duration: histogram(
      'reliw_request_duration_seconds',
      ['host', 'method', 'class', 'kind'],
      'From the head of a request to the end of its answer.'
    ),
    inFlight: gauge('reliw_requests_in_flight', [], 'Requests that are being answered.'),
    received: counter(
      'reliw_request_body_bytes_total',
      ['host'],
      'Bytes of the bodies of requests.'
    ),
    sent: counter('reliw_response_body_bytes_total', ['host'], 'Bytes of the bodies of answers.'),
    connections: gauge('reliw_connections', [], 'Connections of clients.'),
    accepted: counter('reliw_connections_accepted_total', [], 'Connections that clients made.')
  },
  Fleet: {
    total: counter(
      'http_requests_total',
      ['host', 'code'],
      'Requests that all servers answered, by status; 499: the client left before.'
    ),
    byMethod: {
      name: 'http_requests_by_method',
      type: 'untyped',
      labels: ['host', 'method'],
      help: 'Requests that all servers answered, by method: a counter.'
    },
    complete: gauge(
      'reliw_fleet_complete',
      [],
      'Whether all hosts of the store are in http_requests_total: 1, else 0.'
    )
  },
  Store: {
    up: gauge('reliw_store_up', [], 'Whether the store has answered this scrape: 1, else 0.'),
    operations: histogram(
      'reliw_store_operation_duration_seconds',
      ['operation'],
      'What calls of the store took, those that failed included.'
    ),
    operationFailures: counter(
      'reliw_store_operation_failures_total',
      ['operation'],
      'Calls of the store that failed.'
    ),
    bytes: gauge('reliw_store_kept_bytes', [], 'Memory that kept values account for.'),
    values: gauge('reliw_store_kept_values', [], 'Values that are kept.'),
    hits: counter('reliw_store_hits_total', [], 'Reads that were answered by what is kept.'),
    misses: counter('reliw_store_misses_total', [], 'Reads that had to be made.'),
    invalidations: counter(
      'reliw_store_invalidations_total',
      [],
      'Kept values that a change made stale.'
    ),
    evictions: counter('reliw_store_evictions_total', [], 'Kept values that had to go for others.'),
    stale: counter(
      'reliw_store_stale_served_total',
      [],
      'Reads that were answered by what the store could not confirm.'
    ),
    rejected: counter(
      'reliw_store_values_rejected_total',
      ['family'],
      'Values that were read and are wrong, by what their key begins with.'
    ),
    dropped: counter(
      'reliw_store_counts_dropped_total',
      [],
      'Counts for http_requests_total that could not be kept or written.'
    )
  },
  Firewall: {
    verdicts: counter(
      'reliw_waf_verdicts_total',
      ['host', 'rule_set', 'action'],
      'Requests in which rules of all hosts, or of the host, found something, and what was done.'
    ),
    overBudget: counter(
      'reliw_waf_over_budget_total',
      ['host'],
      'Requests for which the rules took too many steps.'
    ),
    examination: histogram(
      'reliw_waf_examination_duration_seconds',
      [],
      'What it took to hold requests against the rules, but for those that are known to be clean.',
      SHORT
    )
  },
  Limits: {
    exceeded: counter(
      'reliw_limits_exceeded_total',
      ['host', 'policy'],
      'Requests that were refused because a budget had run out.'
    ),
    refused: counter(
      'reliw_limits_refused_total',
      ['host', 'reason'],
      'Requests that were refused for another reason: banned, overloaded, concurrency.'
    ),
    bans: gauge('reliw_bans', [], 'Bans in force.', 'max'),
    banned: counter('reliw_bans_made_total', ['reason'], 'Clients that were banned automatically.'),
    cut: counter(
      'reliw_connections_cut_total',
      ['reason'],
      'Connections that were cut: slow_body, slow_reader, pipeline, departed, excess.'
    ),
    shared: gauge(
      'reliw_limits_shared',
      [],
      'Whether budgets are those of all servers: 1, else 0.',
      'min'
    ),
    fallbacks: counter(
      'reliw_limits_fallbacks_total',
      [],
      'Uses of budgets that this process counted alone.'
    ),
    pressure: gauge(
      'reliw_pressure_level',
      [],
      'How near the process is to its limits: 0 normal, 1 warning, 2 reduced, 3 overloaded.',
      'max'
    ),
    shares: gauge('reliw_pressure_ratio', ['resource'], 'What is used of a limit.', 'max')
  },
  Upstreams: {
    requests: counter(
      'reliw_upstream_requests_total',
      ['upstream', 'result'],
      'Requests for an upstream, and what came of them.'
    ),
    attempts: counter(
      'reliw_upstream_attempts_total',
      ['upstream', 'origin', 'result'],
      'Requests that were sent to an origin: class of the status, or the failure.'
    ),
    duration: histogram(
      'reliw_upstream_attempt_duration_seconds',
      ['upstream'],
      'From the sending of a request to the head of its answer, or the failure.'
    ),
    retries: counter('reliw_upstream_retries_total', ['upstream'], 'Attempts after the first one.'),
    exhausted: counter(
      'reliw_upstream_retries_exhausted_total',
      ['upstream'],
      'Requests that failed after all attempts.'
    ),
    circuit: gauge(
      'reliw_upstream_circuit_state',
      ['upstream'],
      '0 closed, 1 half-open, 2 open.',
      'max'
    ),
    openings: counter(
      'reliw_upstream_circuit_openings_total',
      ['upstream'],
      'Times that the circuit opened.'
    ),
    up: gauge(
      'reliw_upstream_origin_up',
      ['upstream', 'origin'],
      'Whether an origin is in use: 1, else 0.',
      'min'
    ),
    changes: counter(
      'reliw_upstream_origin_changes_total',
      ['upstream', 'origin', 'change'],
      'Times that an origin went out of use or came back.'
    ),
    connections: gauge(
      'reliw_upstream_connections',
      ['upstream', 'origin', 'state'],
      'Connections to an origin: active, idle.'
    ),
    pending: gauge(
      'reliw_upstream_pending_requests',
      ['upstream', 'origin'],
      'Requests that wait for a connection.'
    ),
    inFlight: gauge(
      'reliw_upstream_requests_in_flight',
      ['upstream', 'origin'],
      'Requests at an origin.'
    )
  },
  Auth: {
    logins: counter(
      'reliw_auth_logins_total',
      ['host', 'way'],
      'Logins, each the beginning of a session.'
    ),
    failures: counter(
      'reliw_auth_failures_total',
      ['host', 'way'],
      'Proofs of identity that were wrong.'
    ),
    logouts: counter('reliw_auth_logouts_total', ['host'], 'Sessions that their users ended.')
  },
  TLS: {
    handshakes: counter('reliw_tls_handshakes_total', ['protocol'], 'TLS connections of clients.'),
    handshakeFailures: counter(
      'reliw_tls_handshake_failures_total',
      [],
      'TLS connections that did not come about.'
    ),
    expiry: gauge(
      'reliw_tls_certificate_expiry_timestamp_seconds',
      ['certificate'],
      'When a certificate that was shown to clients runs out.',
      'min'
    )
  }
} as const satisfies Record<string, Record<string, Description>>
