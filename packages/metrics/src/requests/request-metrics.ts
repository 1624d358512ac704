import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { escapeLabel, type Family, type Sample, single } from '../family.ts'
import type { Hosts } from './hosts.ts'
import { indexOfKind, indexOfMethod, type Kind, KINDS, METHODS } from './labels.ts'
import { type Outcome, SiteRequests } from './site-requests.ts'

/** A finished request. */
export interface Finished {
  host: string
  method: string
  status: number
  kind: Kind
  /** From the head of the request to the end of the response. */
  milliseconds: number
  /** Bytes of the request body and of the response body. */
  received: number
  sent: number
}

const { Requests: requests } = catalog
const BOUNDS = requests.duration.bounds ?? []

/** Counts requests in plain numbers; families are built when they are collected. */
export class RequestMetrics implements Collector {
  readonly sites = new Map<string, SiteRequests>()
  readonly #hosts: Hosts
  inFlight = 0
  /** Requests of all hosts. */
  total = 0
  /** Requests with a status of 500 or more. */
  errors = 0

  constructor(hosts: Hosts) {
    this.#hosts = hosts
  }

  begin(): void {
    this.inFlight++
  }

  /** @returns the counts to which the request was added */
  end(finished: Finished): SiteRequests {
    this.inFlight--
    this.total++
    const { host, status, milliseconds } = finished
    if (status >= 500) this.errors++
    const site = this.sites.get(host) ?? this.#siteOf(host)
    site.received += finished.received
    site.sent += finished.sent
    const code = status >= 100 && status < 600 ? status : 500
    site.observe(
      code,
      indexOfMethod(finished.method),
      indexOfKind(finished.kind),
      milliseconds / 1000,
      BOUNDS
    )
    return site
  }

  collect(): Family[] {
    const sites = [...this.sites.values()]
    return [
      single(requests.inFlight, this.inFlight),
      { ...requests.duration, samples: sites.flatMap(durationsOf) },
      {
        ...requests.received,
        samples: sites.map(({ host, received }) => [labelOf(host), received])
      },
      { ...requests.sent, samples: sites.map(({ host, sent }) => [labelOf(host), sent]) }
    ]
  }

  /** Hosts that are not sites share one record per name, and are looked up each time: they may become sites. */
  #siteOf(host: string): SiteRequests {
    const name = this.#hosts.nameOf(host)
    let site = this.sites.get(name)
    if (site === undefined) this.sites.set(name, (site = new SiteRequests(name)))
    return site
  }
}

function labelOf(host: string): string {
  return `host="${escapeLabel(host)}"`
}

/** Durations of one host; statuses are merged by class. */
function durationsOf({ host, outcomes }: SiteRequests): Sample[] {
  const series = new Map<string, number[]>()
  for (const outcome of outcomes.values()) {
    const labels = `${labelOf(host)},${labelsOf(outcome)}`
    const before = series.get(labels)
    if (before === undefined) series.set(labels, outcome.value)
    else for (const [at, value] of outcome.value.entries()) before[at] = (before[at] ?? 0) + value
  }
  return [...series]
}

function labelsOf({ method, code, kind }: Outcome): string {
  return `method="${METHODS[method]}",class="${Math.floor(code / 100)}xx",kind="${KINDS[kind]}"`
}
