import { Cidr } from '@reliw/options'
import * as z from 'zod'
import bundled from './published.json' with { type: 'json' }

/** Maximum number of blocks that one provider publishes. */
const MAX_BLOCKS = 1024
/** Shortest prefixes: a provider with larger blocks does not exist, and each of its addresses could be any client. */
const SHORTEST = { 4: 8, 6: 16 } as const

/** A block of a provider's proxies. */
export const PublishedBlock = Cidr.refine(
  ({ family, prefix }) => prefix >= SHORTEST[family],
  'expected a smaller block'
)

/** The addresses from which a provider's proxies connect. */
const Provider = z.strictObject({
  sources: z
    .array(z.url({ protocol: /^https?$/ }))
    .min(1)
    .describe('URLs at which the provider publishes the blocks.'),
  date: z.iso.date().describe('When they were fetched.'),
  blocks: z.array(PublishedBlock).min(1).max(MAX_BLOCKS)
})

/** Blocks of providers by the name of their preset. */
export const PublishedProxies = z.strictObject({ cloudflare: Provider })

export type PublishedProxies = z.output<typeof PublishedProxies>

/** The blocks that come with this package. */
export const BUNDLED: PublishedProxies = PublishedProxies.parse(bundled)
