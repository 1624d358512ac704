import type { AddressSet } from '@reliw/options'
import * as z from 'zod'
import { Addresses } from './addresses.ts'
import { METHOD } from './method.ts'

/** Requests per period; the period in seconds. */
const Limit = z.strictObject({
  limit: z.int().min(0).max(1e9),
  period: z.int().min(1).max(31_536_000)
})

/** `rate_limit` of an entry, compiled. */
export interface RateLimit {
  /** Method → requests per period; the period in milliseconds. */
  readonly methods: ReadonlyMap<string, { readonly limit: number; readonly period: number }>
  /** Addresses that are not counted. */
  readonly allow: AddressSet | undefined
}

/** `rate_limit` as an operator writes it: limits by method, and `whitelisted_ip`. */
export type RateLimitInput = Record<string, z.input<typeof Limit> | string | string[]>

/**
 * `{GET: {limit, period}, whitelisted_ip}`: requests of one address per period, in seconds. The type is declared,
 * because the inferred one has an index signature that contradicts `whitelisted_ip` (TS2411).
 */
export const RateLimit: z.ZodType<RateLimit, RateLimitInput> = z
  .object({ whitelisted_ip: Addresses.optional() })
  .catchall(Limit)
  .transform((given, context): RateLimit => {
    const { whitelisted_ip: allow, ...limits } = given
    const methods = new Map<string, { limit: number; period: number }>()
    for (const [method, { limit, period }] of Object.entries(limits)) {
      if (METHOD.test(method)) methods.set(method, { limit, period: period * 1000 })
      else context.addIssue({ code: 'custom', path: [method], message: 'not a method' })
    }
    return { methods, allow }
  })
