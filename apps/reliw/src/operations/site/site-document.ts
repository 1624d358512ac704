import { SiteName } from '@reliw/options'
import * as z from 'zod'

const Text = z.record(z.string(), z.string())

/**
 * A site in the form of `site.json`. Parts that it does not mention are deleted from the store, except users. Values
 * are checked key by key, as the store checks them.
 */
export const SiteDocument = z.strictObject({
  $schema: z.string().optional(),
  host: SiteName.optional().describe(
    'Host of the site, or all hosts below a domain, as "*.example.com". Default: the name of the folder.'
  ),
  routes: z
    .array(z.unknown())
    .optional()
    .describe('[[pattern, entry, exact?], …]; first match wins.'),
  entries: z.record(z.string(), z.unknown()).default({}),
  settings: z.unknown().optional(),
  titles: Text.default({}).describe('File → title.'),
  data: Text.default({}).describe(
    'Name → text, such as template.html; in addition to the folder data/.'
  ),
  files: Text.default({}).describe('File → text; in addition to the folder files/.'),
  types: Text.default({}).describe('File → media type, if the file name does not determine it.'),
  users: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('If absent, the users in the store stay.'),
  lists: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'Name → list of addresses, for all sites: LIST:<name>. Other lists in the store stay.'
    ),
  proxy: z.unknown().optional(),
  waf: z.unknown().optional()
})

export type SiteDocument = z.output<typeof SiteDocument>

/** A document before defaults are filled in. */
export type WrittenSite = z.input<typeof SiteDocument>

/** A document with the contents of the folders beside it. */
export interface Site extends Omit<SiteDocument, 'host' | 'data' | 'files'> {
  host: string
  data: Record<string, string | Buffer>
  files: Record<string, string | Buffer>
}
