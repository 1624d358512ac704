import { Duration } from '@reliw/options'
import * as z from 'zod'
import { Addresses } from './addresses.ts'
import { idleMethod, Method } from './method.ts'

const Key = z
  .union([z.enum(['ip', 'user']), z.string().regex(/^header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/)], {
    error: 'expected "ip", "user" or "header:NAME"'
  })
  .transform((key) => key.toLowerCase())

/** A rate limit: requests per period, counted by client address, user or header value. */
export const RatePolicy = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/, 'expected 1 to 40 letters, digits, "_" or "-"')
      .describe('Sent to clients in RateLimit headers, and part of the counter’s key.'),
    limit: z.int().min(0).max(1e9).describe('Requests per period; 0 refuses all.'),
    period: Duration.refine((ms) => ms >= 1, 'must not be 0').describe('Length of the period.'),
    scope: z
      .enum(['global', 'host', 'route'])
      .default('host')
      .describe(
        'What is counted separately: `global`, all hosts together; `host`, each host; `route`, each entry.'
      ),
    key: Key.default('ip').describe(
      'Which clients are counted separately: `ip`, each address (IPv6: each /64); `user`, each authenticated user; `header:NAME`, each value of a header. Without user or header, the address.'
    ),
    algorithm: z
      .enum(['fixed', 'sliding', 'gcra'])
      .default('sliding')
      .describe(
        '`fixed`: a window that begins with the first request; `sliding`: the last two windows, weighted; `gcra`: a steady rate with bursts.'
      ),
    burst: z
      .int()
      .min(1)
      .max(1e9)
      .optional()
      .describe('For `gcra`: how many requests may come at once. Default: `limit`.'),
    methods: z
      .array(Method)
      .min(1)
      .optional()
      .describe('Only these methods are counted. Default: all.'),
    allow: Addresses.optional().describe('Addresses and blocks that are not counted.'),
    count: z
      .enum(['store', 'process'])
      .default('store')
      .describe(
        'Where counters are stored: `store`, for all servers together; `process`, in each process.'
      )
  })
  .refine(({ burst, algorithm }) => burst === undefined || algorithm === 'gcra', {
    path: ['burst'],
    message: 'only "gcra" has bursts'
  })

/** A parsed policy: the period in milliseconds, the key in lower case. */
export type RatePolicy = z.output<typeof RatePolicy>

/**
 * Whether the policy counts a request only once its entry or its user is known. Requests to a host whose upstream
 * handles every path have no entry: there such a policy has no effect.
 */
export function needsEntry({ key, scope }: RatePolicy): boolean {
  return key === 'user' || scope === 'route'
}

/** Methods of a policy that have no effect, each with the reason; `path` is the location of the policy. */
export function idleMethods({ methods = [] }: Pick<RatePolicy, 'methods'>, path: string): string[] {
  return methods.flatMap((method, at) => {
    const why = idleMethod(method)
    return why === undefined ? [] : [`${path}.methods[${at}]: ${why}`]
  })
}

/** Policies with distinct names. */
export const RatePolicies = z.array(RatePolicy).superRefine((policies, context) => {
  const names = new Set<string>()
  for (const [at, { name }] of policies.entries()) {
    if (names.has(name)) {
      context.addIssue({
        code: 'custom',
        path: [at, 'name'],
        message: `"${name}" is already used by another policy`
      })
    }
    names.add(name)
  }
})
