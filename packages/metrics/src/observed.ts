import type { Publisher } from '@reliw/options'
import type { Collector } from './collector.ts'
import { Connections } from './connections.ts'
import { AccessMetrics } from './events/access-metrics.ts'
import { AuthMetrics } from './events/auth-metrics.ts'
import { LimitsMetrics } from './events/limits-metrics.ts'
import { StoreMetrics } from './events/store-metrics.ts'
import { UpstreamMetrics } from './events/upstream-metrics.ts'
import { WafMetrics } from './events/waf-metrics.ts'
import { countForFleet } from './fleet/fleet-counts.ts'
import { Health } from './health/health.ts'
import { sitesIn } from './is-site.ts'
import type { MetricsSettings } from './options.ts'
import { Hosts } from './requests/hosts.ts'
import { PathCounts } from './requests/path-counts.ts'
import { RecentErrors } from './requests/recent-errors.ts'
import { RequestMetrics } from './requests/request-metrics.ts'
import { TlsMetrics } from './tls.ts'

/** All metrics of this process, until closed. */
export class Observed {
  readonly settings: MetricsSettings
  readonly health: Health
  readonly requests: RequestMetrics
  readonly paths: PathCounts
  readonly errors: RecentErrors
  readonly connections: Connections
  readonly tls = new TlsMetrics()
  readonly collectors: readonly Collector[]
  readonly #stopCounting: (() => void) | undefined

  /**
   * @param publisher the app, whose events are counted
   * @param onFault called once, when recent errors cannot be recorded any more
   */
  constructor(settings: MetricsSettings, publisher: Publisher, onFault: (error: unknown) => void) {
    const { store, limits = () => undefined, upstreams = () => [] } = settings
    const isSite = settings.is_site ?? (store === undefined ? () => false : sitesIn(store))
    const hosts = new Hosts(isSite, settings.max_hosts)
    const requests = new RequestMetrics(hosts)
    this.settings = settings
    this.health = new Health(store, limits)
    this.requests = requests
    this.connections = new Connections(publisher)
    this.paths = new PathCounts(store === undefined ? 0 : settings.max_paths)
    this.errors = new RecentErrors(
      () => ({ total: requests.total, errors: requests.errors }),
      onFault
    )
    this.collectors = [
      requests,
      this.connections,
      ...(store === undefined ? [] : [new StoreMetrics(store)]),
      new WafMetrics(publisher, hosts),
      new LimitsMetrics(publisher, hosts, limits),
      new AccessMetrics(publisher, hosts),
      new UpstreamMetrics(publisher, upstreams),
      new AuthMetrics(publisher, hosts),
      this.tls
    ]
    this.#stopCounting = store && countForFleet(store, requests.sites)
  }

  close(): void {
    this.errors.close()
    for (const collector of this.collectors) collector.close?.()
    this.#stopCounting?.()
  }
}
