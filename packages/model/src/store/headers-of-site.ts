import type { SiteHeaders } from '../values/header-rules.ts'
import type { Live } from './live.ts'
import type { Store } from './store.ts'

/** `headers` of the settings of a site; undefined without a site. Throws, or rejects, as `Sites` does. */
export function headersOfSite(
  { sites }: Pick<Store, 'sites'>,
  site: string | undefined
): Live<SiteHeaders | undefined> {
  if (site === undefined) return undefined
  const settings = sites.settings(site)
  return settings instanceof Promise ? settings.then(({ headers }) => headers) : settings.headers
}
