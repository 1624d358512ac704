import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import type { Family } from '../family.ts'
import { Histograms } from '../histogram.ts'
import type { Hosts } from '../requests/hosts.ts'
import { Subscriptions } from './subscriptions.ts'

interface Verdict {
  host: string
  ruleSet: string
  action: string
  isOverBudget: boolean
}

/** What the firewall finds, and what looking takes. */
export class WafMetrics implements Collector {
  readonly #subscriptions = new Subscriptions()
  readonly #verdicts = new Counts(catalog.Firewall.verdicts)
  readonly #overBudget = new Counts(catalog.Firewall.overBudget)
  readonly #examination = new Histograms(catalog.Firewall.examination)

  constructor(hosts: Hosts) {
    this.#subscriptions.on('reliw.waf.verdict', (verdict: Verdict) => {
      const host = hosts.nameOf(verdict.host)
      this.#verdicts.add([host, verdict.ruleSet, verdict.action])
      if (verdict.isOverBudget) this.#overBudget.add([host])
    })
    this.#subscriptions.on('reliw.waf.examined', ({ us }: { us: number }) =>
      this.#examination.observe([], us / 1e6)
    )
  }

  collect(): Family[] {
    return [this.#verdicts.family, this.#overBudget.family, this.#examination.family]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
