import type { Store } from '@reliw/model'
import * as z from 'zod'

/** The options that a config file may contain under the same names. */
export const AccessConfig = z.strictObject({
  geo: z
    .strictObject({
      country: z
        .string()
        .min(1)
        .optional()
        .describe('File with the countries of addresses, for "country:<code>" in rules of sites.'),
      asn: z
        .string()
        .min(1)
        .optional()
        .describe(
          'File with the autonomous systems of addresses, for "asn:<number>" in rules of sites.'
        )
    })
    .prefault({})
    .describe(
      'Databases in the MaxMind format (.mmdb), such as GeoLite2-Country and GeoLite2-ASN, read at the start and again when they change.'
    )
})

const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

export const AccessOptions = AccessConfig.extend({
  store: z
    .custom<Store>(isStore, 'expected a store, as openStore() returns it')
    .describe('Store of the sites, whose rules are read at every request, and of named lists.')
})

/** The options as an operator writes them. */
export type AccessOptions = z.input<typeof AccessOptions>
