import type { Description } from './family.ts'

/** Bucket bounds for durations, in seconds. They include the usual objectives, 0.5 and 2. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]
/** Bucket bounds for durations from some microseconds on, in seconds. */
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

/** All families except those of the runtime (see `process/runtime.ts`), by the part of the server they describe. */
export const catalog = {
  Process: {
    info: gauge(
      'reliw_build_info',
      ['version'],
      'Always 1; the label is the running version.',
      'max'
    ),
    processes: gauge('reliw_processes', [], 'Processes whose values are included.'),
    ready: gauge('reliw_ready', [], 'Whether the server is ready for requests: 1, else 0.', 'min'),
    logDropped: counter(
      'reliw_log_lines_dropped_total',
      [],
      'Log lines dropped because the log was too slow.'
    ),
    failures: counter(
      'reliw_metrics_failures_total',
      [],
      'Times a source of metrics failed and was left out.'
    )
  },
  Requests: {
    duration: histogram(
      'reliw_request_duration_seconds',
      ['host', 'method', 'class', 'kind'],
      'Time from the head of a request to the end of its response.'
    ),
    inFlight: gauge('reliw_requests_in_flight', [], 'Requests in flight.'),
    received: counter('reliw_request_body_bytes_total', ['host'], 'Bytes of request bodies.'),
    sent: counter('reliw_response_body_bytes_total', ['host'], 'Bytes of response bodies.'),
    connections: gauge('reliw_connections', [], 'Open client connections.'),
    accepted: counter('reliw_connections_accepted_total', [], 'Accepted client connections.'),
    refused: counter(
      'reliw_connections_refused_total',
      ['reason'],
      'Connections of trusted proxies refused because of their PROXY header: missing, malformed, late, incomplete.'
    )
  },
  Fleet: {
    total: counter(
      'http_requests_total',
      ['host', 'code'],
      'Requests to all servers, by status; 499: the client disconnected before a response.'
    ),
    byMethod: {
      name: 'http_requests_by_method',
      type: 'untyped',
      labels: ['host', 'method'],
      help: 'Requests to all servers, by method: a counter.'
    },
    complete: gauge(
      'reliw_fleet_complete',
      [],
      'Whether http_requests_total includes all hosts in the store: 1, else 0.'
    )
  },
  Store: {
    up: gauge('reliw_store_up', [], 'Whether the store could be read for this scrape: 1, else 0.'),
    operations: histogram(
      'reliw_store_operation_duration_seconds',
      ['operation'],
      'Duration of store operations, failed ones included.'
    ),
    operationFailures: counter(
      'reliw_store_operation_failures_total',
      ['operation'],
      'Failed store operations.'
    ),
    bytes: gauge('reliw_store_kept_bytes', [], 'Estimated memory of cached values, in bytes.'),
    values: gauge('reliw_store_kept_values', [], 'Cached values.'),
    hits: counter('reliw_store_hits_total', [], 'Reads served from the cache.'),
    misses: counter('reliw_store_misses_total', [], 'Reads that had to load the value.'),
    invalidations: counter(
      'reliw_store_invalidations_total',
      [],
      'Cached values invalidated by a change.'
    ),
    evictions: counter('reliw_store_evictions_total', [], 'Cached values evicted to free memory.'),
    stale: counter(
      'reliw_store_stale_served_total',
      [],
      'Reads served from the cache while the store could not confirm the value.'
    ),
    rejected: counter(
      'reliw_store_values_rejected_total',
      ['family'],
      'Invalid values read from the store, by the first part of their key.'
    ),
    dropped: counter(
      'reliw_store_counts_dropped_total',
      [],
      'Counts for http_requests_total that could not be buffered or written.'
    )
  },
  Firewall: {
    verdicts: counter(
      'reliw_waf_verdicts_total',
      ['host', 'rule_set', 'action'],
      'Requests that a rule of all hosts, or of the host, matched, or whose rules exhausted their budget, by action.'
    ),
    overBudget: counter(
      'reliw_waf_over_budget_total',
      ['host'],
      'Requests whose rules exhausted their budget of steps.'
    ),
    examination: histogram(
      'reliw_waf_examination_duration_seconds',
      [],
      'Time to evaluate the rules for a request; requests known to be clean are not evaluated.',
      SHORT
    )
  },
  Limits: {
    exceeded: counter(
      'reliw_limits_exceeded_total',
      ['host', 'policy'],
      'Requests refused because a rate limit was exceeded.'
    ),
    refused: counter(
      'reliw_limits_refused_total',
      ['host', 'reason'],
      'Requests refused for another reason: banned, overloaded, concurrency, body_size, maintenance.'
    ),
    held: gauge(
      'reliw_limits_held_requests',
      [],
      'Requests that wait for the end of a maintenance.'
    ),
    bans: gauge('reliw_bans', [], 'Bans in force.', 'max'),
    banned: counter('reliw_bans_made_total', ['reason'], 'Clients banned automatically.'),
    cut: counter(
      'reliw_connections_cut_total',
      ['reason'],
      'Client connections cut off: slow_body, slow_reader, pipeline, departed, excess.'
    ),
    shared: gauge(
      'reliw_limits_shared',
      [],
      'Whether rate limits are counted in the store, for all servers: 1, else 0.',
      'min'
    ),
    fallbacks: counter(
      'reliw_limits_fallbacks_total',
      [],
      'Uses of rate limits that this process counted by itself, because the store could not.'
    ),
    pressure: gauge(
      'reliw_pressure_level',
      [],
      'Pressure on the process: 0 normal, 1 warning, 2 reduced, 3 overloaded.',
      'max'
    ),
    shares: gauge(
      'reliw_pressure_ratio',
      ['resource'],
      'Usage of a resource as a share of its limit.',
      'max'
    )
  },
  Access: {
    refused: counter(
      'reliw_access_refused_total',
      ['host', 'reason'],
      'Requests refused because of the address of the client, by reason.'
    ),
    fetches: counter(
      'reliw_access_list_fetches_total',
      ['list', 'result'],
      'Fetches of the URLs of lists by this process, by result.'
    )
  },
  Upstreams: {
    requests: counter(
      'reliw_upstream_requests_total',
      ['upstream', 'result'],
      'Requests for an upstream, by outcome.'
    ),
    attempts: counter(
      'reliw_upstream_attempts_total',
      ['upstream', 'origin', 'result'],
      'Attempts at an origin, by class of the status, or by failure.'
    ),
    duration: histogram(
      'reliw_upstream_attempt_duration_seconds',
      ['upstream'],
      'Time from sending a request to an origin to the head of its response, or to the failure.'
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
      'State of the circuit: 0 closed, 1 half-open, 2 open.',
      'max'
    ),
    openings: counter(
      'reliw_upstream_circuit_openings_total',
      ['upstream'],
      'Times the circuit opened.'
    ),
    up: gauge(
      'reliw_upstream_origin_up',
      ['upstream', 'origin'],
      'Whether an origin is neither ejected nor unhealthy: 1, else 0.',
      'min'
    ),
    draining: gauge(
      'reliw_upstream_origin_draining',
      ['upstream', 'origin'],
      'Whether an origin is being drained and gets no further requests: 1, else 0.',
      'max'
    ),
    changes: counter(
      'reliw_upstream_origin_changes_total',
      ['upstream', 'origin', 'change'],
      'Times an origin was ejected, became unhealthy, was drained, or came back.'
    ),
    connections: gauge(
      'reliw_upstream_connections',
      ['upstream', 'origin', 'state'],
      'Connections to an origin: active, idle.'
    ),
    pending: gauge(
      'reliw_upstream_pending_requests',
      ['upstream', 'origin'],
      'Requests waiting for a connection.'
    ),
    inFlight: gauge(
      'reliw_upstream_requests_in_flight',
      ['upstream', 'origin'],
      'Requests in flight at an origin.'
    )
  },
  Auth: {
    logins: counter('reliw_auth_logins_total', ['host', 'way'], 'Logins; each creates a session.'),
    failures: counter(
      'reliw_auth_failures_total',
      ['host', 'way'],
      'Failed authentication attempts.'
    ),
    logouts: counter('reliw_auth_logouts_total', ['host'], 'Sessions ended by their users.')
  },
  TLS: {
    handshakes: counter(
      'reliw_tls_handshakes_total',
      ['protocol'],
      'Completed TLS handshakes with clients.'
    ),
    handshakeFailures: counter(
      'reliw_tls_handshake_failures_total',
      [],
      'Failed TLS handshakes with clients.'
    ),
    expiry: gauge(
      'reliw_tls_certificate_expiry_timestamp_seconds',
      ['certificate'],
      'Expiry of a certificate presented to clients.',
      'min'
    )
  }
} as const satisfies Record<string, Record<string, Description>>
