/** Prometheus' metric types; `untyped` is `unknown` in OpenMetrics. */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'untyped'

/** Everything about a family except its values. */
export interface Description {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** Label names, in the order of the label values. */
  readonly labels: readonly string[]
  /** How the values of several processes are merged. Default: the sum. */
  readonly merge?: 'sum' | 'max' | 'min'
  /** Of a histogram: upper bounds of its buckets, ascending, without the last, infinite one. */
  readonly bounds?: readonly number[]
}

/**
 * One series: its labels as text (`host="a",method="GET"`), and its value. Of a histogram: the count of each bucket,
 * the count above the last bound, and the sum.
 */
export type Sample = readonly [labels: string, value: number | readonly number[]]

/** A family with its values: plain data that can be sent to another process. */
export interface Family extends Description {
  readonly samples: readonly Sample[]
}

/** Formats labels; the text is the same in both formats. */
export function labelsOf(names: readonly string[], values: readonly string[]): string {
  let text = ''
  for (const [at, name] of names.entries()) {
    text += `${at === 0 ? '' : ','}${name}="${escapeLabel(values[at] ?? '')}"`
  }
  return text
}

const SPECIAL = /[\\"\n]/

/**
 * Escapes backslash, quote and line feed in a label value with a backslash; replaces lone surrogates, which cannot be
 * encoded.
 */
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
