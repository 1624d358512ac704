import { ByteSize, checkPath, Host, Port } from '@reliw/options'
import * as z from 'zod'
import { UpstreamHeaders } from './header-rules.ts'
import { decodeJson } from './json.ts'
import { AnyTarget, completeTarget, PlainTarget, Scheme, type Target } from './target.ts'
import { Health } from './upstream-health.ts'
import { LONGEST_WAIT, Pause, Timeout } from './waits.ts'

/** Largest number of targets: more are an error, or need a load balancer of their own. */
const MAX_TARGETS = 256
const ServerError = z.int().min(500).max(599)
/** Time for failed attempts and backoff on top of the `headers` timeout, in milliseconds. */
const TIME_FOR_RETRIES = 30_000

const FilePath = z.string().min(1)

const PREFIX = 'expected a path such as "/api", without "..", "//" and query string'
const PREFIX_SYNTAX = /^(?=\/)(?:\/[\w\-.~!$&'()*+,;=:@%]+)*\/?$/
const Prefix = z
  .string()
  .refine((path) => PREFIX_SYNTAX.test(path) && checkPath(path) !== undefined, PREFIX)
  .transform((path) => path.replace(/\/$/, '') || undefined)

const Timeouts = z.strictObject({
  connect: Timeout.prefault('5s').describe('Name resolution and connection.'),
  headers: Timeout.prefault('60s').describe('From the request sent to the head of the response.'),
  idle: Timeout.prefault('30s').describe('Without a byte of a body, in either direction.'),
  total: Timeout.optional().describe(
    'Until the response begins, retries included. Default: `headers` plus 30 seconds.'
  ),
  upgrade: Timeout.prefault('5m').describe('Without a byte in a WebSocket or other upgrade.')
})

const Retry = z.strictObject({
  max_attempts: z.int().min(1).max(10).default(3).describe('Attempts, the first one included.'),
  statuses: z.array(ServerError).default([502, 503, 504]).describe('Statuses that are retried.'),
  backoff: Pause.prefault('100ms').describe(
    'Pause before the first retry at the same origin; doubles each time.'
  ),
  max_backoff: Pause.prefault('2s').describe('The longest pause before a retry.'),
  budget: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('Retries per request, on average over the last seconds.')
})

const CircuitBreaker = z.strictObject({
  failure_threshold: z
    .int()
    .min(1)
    .default(20)
    .describe(
      'Failures within `window` that open the circuit, if `failure_rate` is reached as well.'
    ),
  failure_rate: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('Share of the requests within `window` that has to fail.'),
  window: Timeout.prefault('10s').describe('How long a request counts.'),
  success_threshold: z
    .int()
    .min(1)
    .default(2)
    .describe('Successes in a row that close the circuit again.'),
  timeout_seconds: Pause.prefault('30s').describe('The longest pause between two probes.'),
  half_open_max_requests: z
    .int()
    .min(1)
    .default(3)
    .describe('Concurrent requests while the circuit is open.'),
  statuses: z
    .array(ServerError)
    .default([])
    .describe('Statuses that count as failures, in addition to missing responses.')
})

/** An upstream as an operator writes it. */
const Written = z.strictObject({
  target: PlainTarget.optional().describe(
    'The only origin: host, host:port, a URL, or unix:/path.'
  ),
  scheme: Scheme.default('http').describe('Scheme of targets that name none.'),
  port: Port.optional().describe('Port of targets that name none. Default: 80, or 443 for https.'),
  targets: z
    .array(AnyTarget)
    .min(1)
    .max(MAX_TARGETS)
    .optional()
    .describe('Several origins: texts, or objects.'),
  lb: z
    .enum(['round_robin', 'weighted', 'least_connections', 'p2c', 'hash'])
    .default('round_robin')
    .describe(
      'How one of several origins is chosen; `p2c`: the one of two random origins with fewer requests in flight.'
    ),
  hash_key: z
    .string()
    .regex(
      /^(client_ip|(header|cookie):[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/,
      'expected "client_ip", "header:NAME" or "cookie:NAME"'
    )
    .default('client_ip')
    .describe('What `hash` uses: client_ip, header:NAME or cookie:NAME.'),
  preserve_host: z
    .boolean()
    .default(false)
    .describe('Send the client’s Host, Origin and Referer unchanged, not with the target’s name.'),
  strip_prefix: Prefix.optional().describe(
    'Path prefix that is removed before the request is sent.'
  ),
  add_prefix: Prefix.optional().describe('Path prefix that is prepended to the path that is sent.'),
  escaped_path: z
    .enum(['pass', 'refuse'])
    .default('pass')
    .describe(
      'Paths with escapes that programs read differently, such as %2F. `pass`: they are sent unchanged; `refuse`: they get 400.'
    ),
  drop_headers: z
    .array(
      z
        .string()
        .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'not a header name')
        .transform((name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-'))
    )
    .max(64)
    .optional()
    .describe(
      'Further request headers that are accepted from trusted proxies only, in any spelling.'
    ),
  headers: UpstreamHeaders.optional().describe(
    'Rules for the headers of requests to the origins, and of the responses to these requests.'
  ),
  forwarded: z
    .enum(['append', 'set', 'keep', 'none'])
    .optional()
    .describe(
      'X-Forwarded-… and X-Real-IP for origins. `append` (default): values of trusted proxies are extended; `set`: they are replaced; `keep`: they are passed on unchanged; `none`: none are sent.'
    ),
  forwarded_header: z
    .boolean()
    .optional()
    .describe('Whether to send Forwarded (RFC 7239) as well, with the same content.'),
  http2: z.boolean().default(true).describe('Offer HTTP/2 to https origins.'),
  send_proxy: z
    .enum(['v1', 'v2'])
    .optional()
    .describe(
      'Begin every connection with a PROXY header of this version, which names the client. No client’s request is sent on another one’s connection, and HTTP/2 is not offered.'
    ),
  allow_private: z
    .boolean()
    .default(true)
    .describe(
      '`false`: refuses loopback, private, link-local and metadata addresses, and Unix sockets.'
    ),
  max_body_size: ByteSize.optional().describe(
    'Maximum size of a request body. Default: that of the server.'
  ),
  tls_cafile: FilePath.optional().describe(
    'File with the CA certificates to trust (PEM), instead of the default ones.'
  ),
  tls_capath: FilePath.optional().describe('Directory of such files.'),
  tls_certfile: FilePath.optional().describe('File with the client certificate (PEM).'),
  tls_keyfile: FilePath.optional().describe('File with its key (PEM).'),
  tls_server_name: Host.optional().describe(
    'Server name to send and to verify. Default: the target’s own.'
  ),
  tls_handshake_timeout: Timeout.prefault('10s').describe('How long the TLS handshake may take.'),
  tls_insecure: z.boolean().default(false).describe('Do not verify the origin’s certificate.'),
  tls_no_verify: z.boolean().default(false).describe('An older name of tls_insecure.'),
  no_verify_mode: z.boolean().default(false).describe('An older name of tls_insecure.'),
  health: Health.prefault({}).describe('Health checks, and the ejection of failing origins.'),
  timeouts: Timeouts.prefault({}).describe('Timeouts of connections, responses and bodies.'),
  retry: z
    .union([z.literal(false), Retry], 'expected false, or an object such as {"max_attempts": 2}')
    .prefault({})
    .describe('Retries; `false`: none.'),
  circuit_breaker: z
    .union(
      [z.literal(false), CircuitBreaker],
      'expected false, or an object such as {"failure_threshold": 10}'
    )
    .prefault({})
    .describe('Circuit breaker; `false`: none.'),
  connections: z.int().min(1).default(256).describe('Connections to one origin, per process.'),
  max_pending: z.int().min(0).default(1024).describe('Requests that may wait for a connection.'),
  keep_alive_timeout: Pause.prefault('15s').describe('How long an idle connection is kept.'),
  keep_alive_max_age: Pause.prefault('5m').describe(
    'Age after which a connection takes no more requests.'
  )
})

/** `PROXY:<host>`, and `proxy` of an entry: where requests are forwarded, and how. */
export const Upstream = Written.transform((written, context) => {
  const { target, targets: several = [], scheme, port, ...rest } = written
  const { tls_insecure, tls_no_verify, no_verify_mode, ...fields } = rest
  const { headers, total = Math.min(headers + TIME_FOR_RETRIES, LONGEST_WAIT) } = rest.timeouts
  const all = target === undefined ? several : [target]
  const targets: readonly Target[] = all.map((one) => completeTarget(one, { scheme, port }))
  checkTogether(written, targets, context)
  return {
    ...fields,
    timeouts: { ...rest.timeouts, total },
    targets,
    tls_verify: !(tls_insecure || tls_no_verify || no_verify_mode)
  }
})

/** A parsed upstream: targets resolved into origins, durations in milliseconds, sizes in bytes. */
export type Upstream = z.output<typeof Upstream>
/** An upstream as an operator writes it. */
export type UpstreamInput = z.input<typeof Upstream>

/** @throws InvalidValue */
export function decodeUpstream(key: string, raw: Buffer): Upstream {
  return decodeJson(key, Upstream, raw)
}

/** Reports fields that contradict one another, and fields that have no effect beside others. */
function checkTogether(
  written: z.output<typeof Written>,
  origins: readonly Target[],
  context: z.RefinementCtx
): void {
  const { target, targets, lb, hash_key, tls_certfile, tls_keyfile } = written
  const { forwarded, forwarded_header } = written
  const addIssue = (message: string, ...path: (string | number)[]): void =>
    context.addIssue({ code: 'custom', message, path })

  if ((target === undefined) === (targets === undefined)) {
    addIssue('expected either target or targets')
  }
  if ((tls_certfile === undefined) !== (tls_keyfile === undefined)) {
    addIssue('tls_certfile and tls_keyfile belong together')
  }
  if (hash_key !== 'client_ip' && lb !== 'hash') {
    addIssue(`has no effect with lb "${lb}": choose "hash"`, 'hash_key')
  }
  if (forwarded === 'none' && forwarded_header === true) {
    addIssue('has no effect with forwarded "none"', 'forwarded_header')
  }
  const names = origins.map(({ scheme, path, authority }) => `${scheme} ${path ?? authority}`)
  for (const [at, { weight }] of origins.entries()) {
    const first = names.indexOf(names[at] ?? '')
    if (first < at)
      addIssue(`the same as targets[${first}]: give that one a weight instead`, 'targets', at)
    if (weight !== 1 && (lb === 'round_robin' || lb === 'p2c')) {
      addIssue(`has no effect with lb "${lb}": choose "weighted"`, 'targets', at, 'weight')
    }
  }
}
