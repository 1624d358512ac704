/** What a family is, as Prometheus knows it; `untyped` is `unknown` in OpenMetrics. */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'untyped'

/** What there is to know of a family but its values. */
export interface Description {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** Names of the labels, in the order of their values. */
  readonly labels: readonly string[]
  /** What several processes come to together. Default: the sum. */
  readonly merge?: 'sum' | 'max' | 'min'
  /** Of a histogram: upper bounds of its buckets, rising, without the last, infinite one. */
  readonly bounds?: readonly number[]
}

/**
 * One series: its labels as they are written (`host="a",method="GET"`), and its value. Of a histogram: how many there
 * were in each bucket, those beyond all, and last the sum.
 */
export type Sample = readonly [labels: string, value: number | readonly number[]]

/** A family with its values: plain data, which may go from one process to another. */
export interface Family extends Description {
  readonly samples: readonly Sample[]
}

/** Labels as both formats write them. */
export function labelsOf(names: readonly string[], values: readonly string[]): string {
  let text = ''
  for (const [at, name] of names.entries()) {
    text += `${at === 0 ? '' : ','}${name}="${escapeLabel(values[at] ?? '')}"`
  }
  return text
}

const SPECIAL = /[\\"\n]/

/** In a value of a label, backslash, quote and line feed are written with a backslash; lone surrogates cannot be. */
export function escapeLabel(value: string): string {
  const text = value.isWellFormed() ? value : value.toWellFormed()
  if (!SPECIAL.test(text)) return text
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
}

/** A family of a single series without labels. */
export function single(description: Description, value: number): Family {
  return { ...description, samples: [['', value]] }
}
