import type { AddressSet } from '@reliw/options'
import * as z from 'zod'
import { Addresses } from './addresses.ts'
import { METHOD } from './method.ts'

/** Requests in so many seconds. */
const Limit = z.strictObject({
  limit: z.int().min(0).max(1e9),
  period: z.int().min(1).max(31_536_000)
})

/** `rate_limit` of an entry, compiled. */
export interface RateLimit {
  /** Method → requests in so many milliseconds. */
  readonly methods: ReadonlyMap<string, { readonly limit: number; readonly period: number }>
  /** Addresses that are not counted. */
  readonly allow: AddressSet | undefined
}

/** What is written: limits by method, and `whitelisted_ip` beside them. */
export type RateLimitInput = Record<string, z.input<typeof Limit> | string | string[]>

/**
 * `{GET: {limit, period}, whitelisted_ip}`: how many requests of one address in how many seconds. Its type is written
 * down: the one that would be inferred has an index signature that its own property contradicts (TS2411).
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
