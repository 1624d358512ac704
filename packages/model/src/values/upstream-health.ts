import { normalizeHost } from '@reliw/options'
import * as z from 'zod'
import { Pause, Timeout } from './waits.ts'

/** Largest number of headers of a health check. */
const MAX_HEADERS = 32
/** Longest value of a header, in characters. */
const MAX_VALUE = 4096
/** Longest text that is searched for, in characters. */
const MAX_TEXT = 1024

/** Methods without a body; CONNECT and TRACE are not for origins. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PROPFIND'] as const

/** Headers of the connection and of the body's framing. */
const NOT_SENT =
  /^(?:connection|content-length|expect|http2-settings|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/

const HeaderName = z
  .string()
  .max(256)
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'not a header name')
  .refine((name) => !NOT_SENT.test(name.toLowerCase()), 'the server sets this header itself')
const HeaderValue = z
  .string()
  .max(MAX_VALUE)
  .regex(
    /^(?:[\x21-\x7E\x80-\xFF](?:[\t\x20-\x7E\x80-\xFF]*[\x21-\x7E\x80-\xFF])?)?$/,
    'not a header value'
  )

const Headers = z.record(HeaderName, HeaderValue).superRefine((headers, context) => {
  const seen = new Set<string>()
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    const issue = (message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message, input: value })
    if (seen.has(lower)) issue('given twice, in different spellings')
    seen.add(lower)
    if (lower === 'host' && normalizeHost(value) === undefined)
      issue('expected a host such as "app.example" or "app.example:8080"')
  }
  if (seen.size > MAX_HEADERS)
    context.addIssue({
      code: 'custom',
      message: `expected at most ${MAX_HEADERS} headers`,
      input: headers
    })
})

/** `health` of an upstream. */
export const Health = z
  .strictObject({
    path: z
      .string()
      .regex(/^\/[\x21\x22\x24-\x7E]*$/, 'expected a path such as "/health"')
      .optional()
      .describe(
        'Path of the health check, requested from each origin at every `interval`; without it there are no checks.'
      ),
    method: z
      .enum(METHODS)
      .optional()
      .describe('Method of the check, which has no body. Default: GET.'),
    headers: Headers.optional().describe(
      'Headers of the check, such as Host or Authorization. Host is that of the target by default.'
    ),
    interval: Timeout.prefault('10s').describe('Time between two checks of an origin.'),
    timeout: Timeout.prefault('5s').describe('How long a check may take.'),
    status: z
      .array(z.int().min(200).max(599))
      .min(1)
      .optional()
      .describe('Statuses of a successful check. Default: 200 to 399.'),
    contains: z
      .string()
      .min(1)
      .max(MAX_TEXT)
      .optional()
      .describe('Text that the first 64 KiB of the response body have to contain, as UTF-8.'),
    unhealthy_threshold: z
      .int()
      .min(1)
      .default(3)
      .describe('Failed checks in a row that mark an origin unhealthy.'),
    healthy_threshold: z
      .int()
      .min(1)
      .default(2)
      .describe('Successful checks in a row that mark it healthy again.'),
    max_fails: z
      .int()
      .min(0)
      .default(3)
      .describe('Failed requests in a row that eject an origin for `fail_timeout`; 0: never.'),
    fail_timeout: Pause.prefault('10s').describe('How long an origin is ejected the first time.')
  })
  .superRefine(({ path, method, headers, contains }, context) => {
    const issue = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (path === undefined) {
      const given = Object.entries({ method, headers, contains })
      for (const [field, value] of given)
        if (value !== undefined) issue(field, 'has no effect without "path"')
    }
    if (method === 'HEAD' && contains !== undefined)
      issue('contains', 'a response to HEAD has no body: choose another method')
  })
