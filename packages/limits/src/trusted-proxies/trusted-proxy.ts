import { Cidr } from '@reliw/options'
import * as z from 'zod'
import { BUNDLED, type PublishedProxies } from './published.ts'

/** Blocks that are the same everywhere: of private networks (RFC 1918, RFC 4193), and of this machine. */
const FIXED = {
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map((one) =>
    Cidr.parse(one)
  ),
  loopback: ['127.0.0.0/8', '::1'].map((one) => Cidr.parse(one))
}

/** A name that stands for several blocks. */
export type ProxyPreset = keyof typeof FIXED | keyof PublishedProxies

const PRESETS = [...Object.keys(FIXED), ...Object.keys(BUNDLED)]

/** An element of `trusted_proxies`: an address, a block, or the name of a preset. */
export const TrustedProxy = z
  .string()
  .transform((text, context): Cidr | ProxyPreset => {
    if (PRESETS.includes(text)) return text as ProxyPreset
    const { data } = Cidr.safeParse(text)
    if (data !== undefined) return data
    const names = PRESETS.map((name) => `"${name}"`).join(', ')
    context.addIssue(
      `expected an IP address, a CIDR block such as "10.0.0.0/8", or one of ${names}`
    )
    return z.NEVER
  })
  .meta({
    description: `An IP address, a CIDR block, or the name of several: ${PRESETS.join(', ')}.`
  })

/** Whether the blocks of a preset are published by a provider, and change. */
export function isPublished(name: string): name is keyof PublishedProxies {
  return Object.hasOwn(BUNDLED, name)
}

/** The blocks of trusted proxies, with presets replaced by theirs. */
export function blocksOf(
  proxies: readonly (Cidr | ProxyPreset)[],
  published: PublishedProxies = BUNDLED
): Cidr[] {
  return proxies.flatMap((proxy) => {
    if (typeof proxy !== 'string') return [proxy]
    return isPublished(proxy) ? published[proxy].blocks : FIXED[proxy]
  })
}
