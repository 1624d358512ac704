import { Duration } from '@reliw/options'
import * as z from 'zod'
import { decodeJson } from './json.ts'

/** `PROXY:<host>` and an entry's `proxy`: where a request is forwarded to. */
export const Upstream = z.strictObject({
  target: z.string().min(1),
  scheme: z.enum(['http', 'https']).default('http'),
  port: z.int().min(1).max(65_535).optional(),
  tls_cafile: z.string().optional(),
  tls_capath: z.string().optional(),
  tls_handshake_timeout: Duration.optional(),
  tls_insecure: z.boolean().default(false),
  tls_no_verify: z.boolean().default(false),
  no_verify_mode: z.boolean().default(false)
})

export type Upstream = z.output<typeof Upstream>

export function decodeUpstream(key: string, raw: Buffer): Upstream {
  return decodeJson(key, Upstream, raw)
}
