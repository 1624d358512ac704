import { toByteString } from '@reliw/lua-pattern'
import * as z from 'zod'
import { Auth } from './auth.ts'
import { InvalidValue } from '../errors.ts'
import { clientRules } from './clients.ts'
import { Fallback } from './fallback.ts'
import { HeaderValue } from './header-names.ts'
import { EntryHeaders } from './header-rules.ts'
import { idleFields } from './idle-fields.ts'
import { decodeJson } from './json.ts'
import { Pattern } from './lua.ts'
import { Method } from './method.ts'
import { RateLimit } from './rate-limit.ts'
import { Redirect } from './redirect.ts'
import { Upstream } from './upstream.ts'

const Status = z.string().regex(/^[45]\d\d$/, 'expected a status such as "404"')

/** A file name, or several. Each is looked up for each directory, so there are few. */
const Index = z
  .union([
    z
      .string()
      .min(1)
      .transform((name) => [name]),
    z.array(z.string().min(1)).min(1).max(8)
  ])
  .transform((names): readonly string[] => [...new Set(names)])

/**
 * `API:<host>:<id>`: how a path is served. security: unknown fields are rejected, since a mistyped `auth` would leave a
 * page open.
 */
export const Entry = z.strictObject({
  methods: z
    .record(Method, z.boolean())
    .describe('Allowed methods. HEAD follows GET unless it is named.'),
  file: z.string().min(1).optional().describe('The file to serve, whatever the path.'),
  index: Index.optional().describe(
    'File name, or names in turn, appended to a path that ends in "/".'
  ),
  try_extensions: z
    .union([z.boolean(), z.array(z.string().regex(/^\.[A-Za-z0-9]+$/))])
    .default(false)
    .transform((value) => (Array.isArray(value) ? value : value ? ['.lua', '.dj', '.md'] : []))
    .describe('Extensions tried in turn if the file does not exist.'),
  gsub: z
    .strictObject({ pattern: Pattern, replacement: z.string().transform(toByteString) })
    .superRefine(({ pattern, replacement }, context) => {
      try {
        pattern.checkReplacement(replacement)
      } catch (cause) {
        const { message } = cause as Error
        context.addIssue({ code: 'custom', path: ['replacement'], message, input: replacement })
      }
    })
    .optional()
    .describe('Lua gsub on the path if there is still no file.'),
  fallback: Fallback.optional(),
  listing: z
    .boolean()
    .optional()
    .describe('Whether a directory on disk without an index file is listed.'),
  title: z.string().optional(),
  css_file: z.string().optional(),
  favicon_file: z.string().optional(),
  cache_control: HeaderValue.optional(),
  headers: EntryHeaders.prefault({}).describe(
    'Further headers, sent with content; or rules for all responses and for requests to origins.'
  ),
  error: z
    .record(Status, z.string())
    .default({})
    .describe('Status → HTML that the error page shows.'),
  auth: Auth.optional().describe(
    'Access: a list of users, or a rule; or marks the login or logout page.'
  ),
  ...clientRules,
  rate_limit: RateLimit.optional().describe(
    'Method → how many requests one client may make, in how many seconds.'
  ),
  proxy: Upstream.optional().describe('An upstream that serves the entry instead of a file.'),
  redirect: Redirect.optional().describe('Where clients are redirected to, instead of a file.')
})

/** A parsed entry: patterns compiled, extensions listed. */
export type Entry = z.output<typeof Entry> & {
  /** Key of the entry; absent if the entry is not stored. */
  readonly key?: string
}

export function decodeEntry(key: string, raw: Buffer): Entry {
  return Object.assign(decodeJson(key, Entry, raw), { key })
}

/**
 * Validates an entry before it is written. An entry that is already stored is served even if some fields have no
 * effect.
 *
 * @throws InvalidValue, also for fields without effect
 */
export function checkEntry(key: string, raw: Buffer): void {
  const idle = idleFields(decodeEntry(key, raw))
  if (idle.length > 0) throw new InvalidValue(key, idle.join('; '))
}
