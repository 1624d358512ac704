import * as z from 'zod'
import { parseIPv6 } from './address.ts'
import { normalizeHost } from './normalize-host.ts'

/**
 * A host as requests name it, normalized by {@link normalizeHost}. It has no port, and IPv6 may be written with or
 * without brackets, so that the output is valid input.
 */
export const Host = z
  .string()
  .transform((text, context) => {
    const host = parseIPv6(text)?.toRFC5952String() ?? withoutPort(text)
    if (host !== undefined) return host
    context.addIssue('expected a host name or IP address without a port, e.g. "www.example.com"')
    return z.NEVER
  })
  .meta({ description: 'A host name or IP address without a port, e.g. "www.example.com".' })

function withoutPort(text: string): string | undefined {
  return /:\d*$/.test(text) && !text.endsWith(']') ? undefined : normalizeHost(text)
}
