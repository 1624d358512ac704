import { fleet } from './fleet.ts'
import { site } from './site.ts'
import { upstream } from './upstream.ts'
import { waf } from './waf.ts'

/** All dashboards, in the order in which they are used. */
export const dashboards = [fleet, site, upstream, waf]
