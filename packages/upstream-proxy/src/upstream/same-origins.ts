import { isDeepStrictEqual } from 'node:util'
import type { Target, Upstream } from '@reliw/model'

/** Fields that affect neither connections nor health checks, only which requests are sent, and how. */
const OF_REQUESTS: Readonly<Partial<Record<keyof Upstream, undefined>>> = {
  targets: undefined,
  lb: undefined,
  hash_key: undefined,
  preserve_host: undefined,
  strip_prefix: undefined,
  add_prefix: undefined,
  escaped_path: undefined,
  drop_headers: undefined,
  headers: undefined,
  forwarded: undefined,
  forwarded_header: undefined,
  max_body_size: undefined,
  retry: undefined,
  circuit_breaker: undefined
}

/** Whether two definitions of an upstream connect to its origins and check them in the same way. */
export function connectAlike(one: Upstream, other: Upstream): boolean {
  return isDeepStrictEqual({ ...one, ...OF_REQUESTS }, { ...other, ...OF_REQUESTS })
}

/** The address of a target: the same for two targets that differ in weight and `drain` only. */
export function addressOf({ scheme, path, authority }: Target): string {
  return `${scheme} ${path ?? authority}`
}
