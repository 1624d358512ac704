import type { Store } from '@reliw/model'
import { METHODS } from '../requests/labels.ts'
import type { SiteRequests } from '../requests/site-requests.ts'

type Add = (key: string, field: string, by: number) => void

/**
 * Adds the counts since the last write to the counters of all servers, right before these are written.
 *
 * @param sites the counts, to which the caller continues to add
 * @returns a function that stops this, after a last time
 */
export function countForFleet(
  { keys, counters }: Pick<Store, 'keys' | 'counters'>,
  sites: ReadonlyMap<string, SiteRequests>
): () => void {
  return counters.addSource((add) => {
    for (const site of sites.values()) {
      if (!site.isDirty) continue
      site.isDirty = false
      addOutcomes(site, keys.metrics(site.host, 'total'), keys.metrics(site.host, 'by_method'), add)
      addPaths(site, keys.metrics(site.host, 'by_request'), add)
    }
  })
}

function addOutcomes({ outcomes }: SiteRequests, total: string, byMethod: string, add: Add): void {
  for (const outcome of outcomes.values()) {
    const by = outcome.count - outcome.written
    if (by === 0) continue
    outcome.written = outcome.count
    add(total, String(outcome.code), by)
    add(byMethod, METHODS[outcome.method] ?? 'other', by)
  }
}

/** Keeps the paths, so that their number stays bounded. */
function addPaths({ paths }: SiteRequests, key: string, add: Add): void {
  for (const [path, count] of paths ?? []) {
    if (count.waiting === 0) continue
    add(key, path, count.waiting)
    count.waiting = 0
  }
}
