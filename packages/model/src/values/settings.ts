import { ByteSize } from '@reliw/options'
import * as z from 'zod'
import { InvalidValue } from '../errors.ts'
import { AccessLog } from './access-log.ts'
import { Addresses } from './addresses.ts'
import { Aliases, idleAliases } from './aliases.ts'
import { AuthSettings } from './auth.ts'
import { clientRules, idleClients } from './clients.ts'
import { ErrorPages } from './error-pages.ts'
import { SiteHeaders } from './header-rules.ts'
import { decodeJson } from './json.ts'
import { Maintenance } from './maintenance.ts'
import { idleMethods, needsEntry, RatePolicies, type RatePolicy } from './rate-policy.ts'

/** `SITE:<host>`: settings of a whole site. */
export const Settings = z.strictObject({
  aliases: Aliases.default([]).describe(
    'Further hosts that the site serves: hosts, wildcards such as "*.example.org", or "*" for every host that no other site has.'
  ),
  redirect_aliases: Aliases.default([]).describe(
    'Further hosts whose requests are redirected to the same path of the site, with 301, or 308 for methods other than GET and HEAD.'
  ),
  unsafe_html: z
    .boolean()
    .default(false)
    .describe('Let raw HTML in Markdown and Djot through: only if every author is trusted.'),
  rate_limits: RatePolicies.default([]).describe(
    'Policies that limit how many requests clients may make to this site.'
  ),
  allow: Addresses.optional().describe(
    'Addresses and blocks that are neither banned nor rate-limited on this site.'
  ),
  ...clientRules,
  max_concurrent_requests: z
    .int()
    .min(1)
    .optional()
    .describe('Maximum number of concurrent requests in each process; further ones get 503.'),
  max_body_size: ByteSize.optional().describe(
    'Maximum size of a request body, unless an upstream has a limit of its own.'
  ),
  access_log: AccessLog.default(true).describe(
    'Whether requests are logged, or the file in `access_log_dir` where they are logged.'
  ),
  error_pages: ErrorPages.default({}).describe(
    'Status, or "4xx" or "5xx" → the file that is the page of these errors.'
  ),
  https: z
    .enum(['redirect', 'permanent'])
    .optional()
    .describe(
      'Redirects requests without TLS to https: "redirect" by 307, "permanent" by 308, which browsers remember.'
    ),
  maintenance: Maintenance.optional().describe('While it is there, requests get 503.'),
  headers: SiteHeaders.optional().describe(
    'Rules and presets for the headers of all responses, and of requests to origins.'
  ),
  auth: AuthSettings.prefault({}).describe('Sessions and authentication methods.')
})

export type Settings = z.output<typeof Settings>

/** Settings of a site without stored ones. */
export const defaultSettings: Settings = Settings.parse({})

export function decodeSettings(key: string, raw: Buffer): Settings {
  return decodeJson(key, Settings, raw)
}

/**
 * Validates settings before they are written. Settings that are already stored stay in force even if some have no
 * effect.
 *
 * @throws InvalidValue, also for settings without effect
 */
export function checkSettings(key: string, raw: Buffer): void {
  const idle = idleSettings(decodeSettings(key, raw), key.slice(key.indexOf(':SITE:') + 6))
  if (idle.length > 0) throw new InvalidValue(key, idle.join('; '))
}

/** Settings of a site that have no effect, each with the reason and, where there is one, a suggestion. */
export function idleSettings(settings: Settings, site: string): string[] {
  const { rate_limits: policies } = settings
  const idle = policies.flatMap((policy, at) => idleMethods(policy, `rate_limits[${at}]`))
  return [...idle, ...idleAliases(site, settings), ...idleClients(settings)]
}

/**
 * Settings that have no effect where an upstream handles every path of the host (`PROXY:<host>`), each with the reason
 * and a suggestion.
 */
export function idleBesideProxy({
  rate_limits: policies
}: {
  readonly rate_limits: readonly RatePolicy[]
}): string[] {
  return policies.flatMap((policy, at) => {
    if (!needsEntry(policy)) return []
    const [field, meant] = policy.scope === 'route' ? ['scope', 'host'] : ['key', 'ip']
    const given = JSON.stringify(policy.scope === 'route' ? policy.scope : policy.key)
    const why = `${given} counts requests of entries, and PROXY:<host> forwards requests without one`
    return [`rate_limits[${at}].${field}: no effect: ${why}; did you mean "${meant}"?`]
  })
}
