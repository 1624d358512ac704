import type { Live, Maintenance, RatePolicy, Store } from '@reliw/model'
import type { AddressSet } from '@reliw/options'

/** The limits of a site: part of `SITE:<host>`. */
export interface SiteLimits {
  readonly rate_limits: readonly RatePolicy[]
  readonly allow?: AddressSet | undefined
  readonly max_concurrent_requests?: number | undefined
  /** In bytes. */
  readonly max_body_size?: number | undefined
  readonly https?: 'redirect' | 'permanent' | undefined
  readonly maintenance?: Maintenance | undefined
}

const NONE: SiteLimits = { rate_limits: [] }

/** The limits of a site; none where its settings cannot be read, an error that other plugins report. */
export function limitsOf(store: Store | undefined, host: string): Live<SiteLimits> {
  if (store === undefined) return NONE
  try {
    const settings = store.sites.settings(host)
    return settings instanceof Promise ? settings.catch(() => NONE) : settings
  } catch {
    return NONE
  }
}
