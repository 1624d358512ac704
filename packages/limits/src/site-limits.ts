import type { Live, RatePolicy, Store } from '@reliw/model'
import type { AddressSet } from '@reliw/options'

/** What a site says of its limits: a part of `SITE:<host>`. */
export interface SiteLimits {
  readonly rate_limits: readonly RatePolicy[]
  readonly allow?: AddressSet | undefined
  readonly max_concurrent_requests?: number | undefined
}

const NONE: SiteLimits = { rate_limits: [] }

/** What a site says; nothing where it cannot be asked, which others answer. */
export function limitsOf(store: Store | undefined, host: string): Live<SiteLimits> {
  if (store === undefined) return NONE
  try {
    const settings = store.sites.settings(host)
    return settings instanceof Promise ? settings.catch(() => NONE) : settings
  } catch {
    return NONE
  }
}
