import { isNamed } from '../header-list.ts'
import type { HeaderValues } from '../node-internals/index.ts'
import { type HeaderRules, type Hsts, NO_RULES, type SecuritySettings } from './rules.ts'

const CSP = 'content-security-policy'

/** The merged preset `security`. */
export type SecurityPreset = {
  readonly [Field in keyof SecuritySettings]-?: NonNullable<SecuritySettings[Field]>
}

/** The preset where no level says otherwise. */
const DEFAULTS: SecurityPreset = {
  hsts: { max_age: 31_536_000_000, include_subdomains: false, preload: false },
  nosniff: true,
  frame_ancestors: "'self'",
  referrer_policy: 'strict-origin-when-cross-origin',
  permissions_policy: 'camera=(), geolocation=(), microphone=()'
}

/** The preset of several levels: fields of later ones take precedence; undefined where it is off. */
export function mergeSecurity(
  levels: readonly (false | SecuritySettings | undefined)[]
): SecurityPreset | undefined {
  let merged: SecuritySettings | undefined
  for (const level of levels) {
    if (level === false) merged = undefined
    else if (level !== undefined) merged = { ...merged, ...level }
  }
  return merged && ({ ...DEFAULTS, ...merged } as SecurityPreset)
}

/** The preset's headers, except that for frames. */
export function securityRules(settings: SecurityPreset, isSecure: boolean): HeaderRules {
  const { hsts, nosniff, referrer_policy: referrer, permissions_policy: permissions } = settings
  const headers: Record<string, string[]> = {}
  // Browsers ignore it without TLS (RFC 6797 7.2), and a server must not send it then.
  if (isSecure && hsts) headers['strict-transport-security'] = [hstsValue(hsts)]
  if (nosniff) headers['x-content-type-options'] = ['nosniff']
  if (referrer) headers['referrer-policy'] = [referrer]
  if (permissions) headers['permissions-policy'] = [permissions]
  return { ...NO_RULES, default: headers }
}

function hstsValue({ max_age, include_subdomains, preload }: Hsts): string {
  const subdomains = include_subdomains ? '; includeSubDomains' : ''
  return `max-age=${max_age / 1000}${subdomains}${preload ? '; preload' : ''}`
}

/**
 * Adds a policy for frames to a header list, unless the response has one. Policies of several headers all apply, so that
 * one about scripts and images stays in force beside it.
 *
 * @param own headers that the response gets as well
 */
export function addFramePolicy(headers: string[], own: HeaderValues, sources: string): void {
  if (own['x-frame-options'] !== undefined || isAboutFrames(own[CSP])) return
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (isNamed(name, 'x-frame-options')) return
    if (isNamed(name, CSP) && isAboutFrames(headers[at + 1])) return
  }
  headers.push(CSP, `frame-ancestors ${sources}`)
}

function isAboutFrames(policy: HeaderValues[string]): boolean {
  return policy !== undefined && /(?:^|[;,\s])frame-ancestors[\s;]/i.test(`${String(policy)};`)
}
