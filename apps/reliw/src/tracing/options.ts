import { Duration } from '@reliw/options'
import * as z from 'zod'

/** Longest timeout of an export, in milliseconds: spans wait in memory meanwhile. */
const MAX_TIMEOUT = 60_000

const Endpoint = z
  .url({ protocol: /^https?$/, error: 'expected a URL with http or https' })
  .refine(hasNoCredentials, 'put credentials into `headers`: URLs are logged')

/**
 * A header name is a token (RFC 9110 5.6.2); its value is restricted by 5.5. Node's own checks would load its HTTP
 * client.
 */
const HeaderName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'not a valid header name')
const HeaderValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'not a valid header value')

/** The endpoint that spans are exported to, and the share of requests that are recorded. */
export const TracingConfig = z.strictObject({
  endpoint: Endpoint.default('http://127.0.0.1:4318/v1/traces').describe(
    'URL of a receiver of OTLP over HTTP in JSON, with its path.'
  ),
  headers: z
    .record(HeaderName, HeaderValue)
    .default({})
    .describe('Headers to send to it, such as credentials.'),
  sample_ratio: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Share of the requests that are recorded, unless a trusted proxy has decided.'),
  service_name: z.string().min(1).max(255).default('reliw').describe('The service name in spans.'),
  timeout: Duration.refine((ms) => ms > 0 && ms <= MAX_TIMEOUT, 'expected at most a minute')
    .prefault('10s')
    .describe(
      'How long exporting a batch of spans may take, with all attempts; after that they are dropped.'
    )
})

/** The parsed options: durations in milliseconds, defaults filled in. */
export type TracingSettings = z.output<typeof TracingConfig>

function hasNoCredentials(url: string): boolean {
  const { username, password } = new URL(url)
  return username === '' && password === ''
}
