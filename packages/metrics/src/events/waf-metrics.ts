import { wafEvents } from '@reliw/http'
import type { Publisher } from '@reliw/options'
import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import type { Family } from '../family.ts'
import { Histograms } from '../histogram.ts'
import type { Hosts } from '../requests/hosts.ts'
import { Subscriptions } from './subscriptions.ts'

/** Counts WAF verdicts, and measures how long examinations take. */
export class WafMetrics implements Collector {
  readonly #subscriptions: Subscriptions
  readonly #verdicts = new Counts(catalog.Firewall.verdicts)
  readonly #overBudget = new Counts(catalog.Firewall.overBudget)
  readonly #examination = new Histograms(catalog.Firewall.examination)

  constructor(publisher: Publisher, hosts: Hosts) {
    this.#subscriptions = new Subscriptions(publisher)
    this.#subscriptions.on(wafEvents.verdict, (verdict) => {
      const host = hosts.nameOf(verdict.site)
      this.#verdicts.add([host, verdict.ruleSet, verdict.action])
      if (verdict.isOverBudget) this.#overBudget.add([host])
    })
    this.#subscriptions.on(wafEvents.examined, ({ us }) => this.#examination.observe([], us / 1e6))
  }

  collect(): Family[] {
    return [this.#verdicts.family, this.#overBudget.family, this.#examination.family]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
