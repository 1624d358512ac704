import type { Family, Sample } from './family.ts'

/** Merges the snapshots of several processes: series of the same name and labels become one. */
export function merge(snapshots: readonly (readonly Family[])[]): readonly Family[] {
  const [only] = snapshots
  if (snapshots.length === 1 && only !== undefined) return only
  const families = new Map<string, Family & { series: Map<string, Sample[1]> }>()
  for (const family of snapshots.flat()) {
    let merged = families.get(family.name)
    if (merged === undefined) {
      families.set(family.name, (merged = { ...family, samples: [], series: new Map() }))
    }
    const together = TOGETHER[family.merge ?? 'sum']
    for (const [labels, value] of family.samples) {
      const before = merged.series.get(labels)
      merged.series.set(labels, before === undefined ? value : join(before, value, together))
    }
  }
  return [...families.values()].map(({ series, ...family }) => ({
    ...family,
    samples: [...series]
  }))
}

const TOGETHER = {
  sum: (one: number, other: number) => one + other,
  max: Math.max,
  min: Math.min
}

/** Merges two values; those of histograms are always added. */
function join(
  one: Sample[1],
  other: Sample[1],
  together: (one: number, other: number) => number
): Sample[1] {
  if (typeof one === 'number' || typeof other === 'number')
    return together(Number(one), Number(other))
  return one.map((count, at) => count + (other[at] ?? 0))
}
