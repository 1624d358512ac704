/**
 * How likely one of `a` is larger than one of `b`, equal ones counting half (the area under the ROC curve,
 * Mann–Whitney U over the number of pairs): 0.5 when nobody could tell them apart, 0 or 1 when everybody can.
 */
export function rankStatistic(a: readonly number[], b: readonly number[]): number {
  let larger = 0
  for (const x of a) for (const y of b) larger += x > y ? 1 : x === y ? 0.5 : 0
  return larger / (a.length * b.length)
}
