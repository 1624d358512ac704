/** What a scrape has to be (exposition formats 0.0.4, OpenMetrics 1.0.0); whatever breaks a rule throws. */

import { type Labels, readSample } from './sample-line.ts'

export interface ReadSample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

export interface ReadFamily {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: ReadSample[]
}

/** A scrape that was read. */
export class Exposition {
  readonly text: string
  readonly families: ReadonlyMap<string, ReadFamily>

  constructor(text: string, families: ReadonlyMap<string, ReadFamily>) {
    this.text = text
    this.families = families
  }

  /** The samples of that name which have all these labels. */
  samples(name: string, labels: Labels = {}): ReadSample[] {
    return [...this.families.values()]
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name && hasAll(sample.labels, labels))
  }

  /** The sum of `samples`; undefined where there are none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.samples(name, labels)
    if (found.length === 0) return undefined
    return found.reduce((sum, { value }) => sum + value, 0)
  }

  /** The values of a label, in order. */
  labels(name: string, label: string): string[] {
    const values = this.samples(name).map(({ labels }) => labels[label] ?? '')
    return [...new Set(values)].toSorted()
  }
}

/** The same for the same labels, whatever their order. */
function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function hasAll(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value)
}

const HEAD = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/
const TEXT_TYPES = ['counter', 'gauge', 'histogram', 'untyped']
const OPEN_TYPES = ['counter', 'gauge', 'histogram', 'unknown']

/** Reads a scrape strictly: HELP and TYPE before samples, families in one piece, no series twice. */
export function readExposition(text: string, isOpenMetrics = false): Exposition {
  const families = new Map<string, ReadFamily>()
  const seen = new Set<string>()
  let family: ReadFamily | undefined
  let help: { name: string; text: string } | undefined
  for (const line of linesOf(text, isOpenMetrics)) {
    const [, kind, name = '', rest = ''] = HEAD.exec(line) ?? []
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`a family in two pieces: ${name}`)
      help = { name, text: rest }
    } else if (kind === 'TYPE') {
      if (help?.name !== name) throw new Error(`TYPE without its HELP: ${line}`)
      if (!(isOpenMetrics ? OPEN_TYPES : TEXT_TYPES).includes(rest)) throw new Error(line)
      families.set(name, (family = { name, help: help.text, type: rest, samples: [] }))
    } else {
      const sample = readSample(line)
      if (family === undefined || !belongs(sample.name, family, isOpenMetrics)) {
        throw new Error(`not of ${family?.name}: ${line}`)
      }
      const key = `${sample.name} ${keyOf(sample.labels)}`
      if (seen.has(key)) throw new Error(`a series twice: ${line}`)
      seen.add(key)
      family.samples.push(sample)
    }
  }
  for (const one of families.values()) check(one, isOpenMetrics)
  return new Exposition(text, families)
}

function linesOf(text: string, isOpenMetrics: boolean): string[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const lines = text.split('\n').slice(0, -1)
  const end = lines.indexOf('# EOF')
  if (isOpenMetrics && end !== lines.length - 1) throw new Error('# EOF is not the last line')
  if (!isOpenMetrics && end !== -1) throw new Error('# EOF is of OpenMetrics')
  return isOpenMetrics ? lines.slice(0, -1) : lines
}

function belongs(sample: string, { name, type }: ReadFamily, isOpenMetrics: boolean): boolean {
  if (type === 'histogram')
    return [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample)
  return sample === (isOpenMetrics && type === 'counter' ? `${name}_total` : name)
}

function check(family: ReadFamily, isOpenMetrics: boolean): void {
  const { name, type, samples } = family
  if (samples.length === 0) throw new Error(`a family without samples: ${name}`)
  for (const { labels, value } of samples) {
    const isCount = type === 'counter' || type === 'histogram'
    if (isCount && !(value >= 0)) throw new Error(`${name} is ${value}`)
    if (isOpenMetrics && 'le' in labels && !/[.e]|\+Inf/.test(labels['le'] ?? '')) {
      throw new Error(`${name} has a bound that looks like an integer: ${labels['le']}`)
    }
  }
  if (type === 'histogram') checkBuckets(family)
}

/** Buckets rise by bound and by count, and the last one has as many as there are. */
function checkBuckets({ name, samples }: ReadFamily): void {
  const series = Map.groupBy(samples, ({ labels }) => keyOf({ ...labels, le: '' }))
  for (const [key, of] of series) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => boundOf(labels['le'] ?? ''))
    const counts = buckets.map(({ value }) => value)
    const count = of.find((sample) => sample.name === `${name}_count`)?.value
    const isWhole = of.some((sample) => sample.name === `${name}_sum`) && counts.at(-1) === count
    if (!isWhole || bounds.at(-1) !== Infinity || !isRising(bounds, true) || !isRising(counts)) {
      throw new Error(`${name} ${key}: ${JSON.stringify({ bounds, counts, count })}`)
    }
  }
}

function boundOf(text: string): number {
  return text === '+Inf' ? Infinity : Number(text)
}

function isRising(values: readonly number[], isStrict = false): boolean {
  return values.every((value, at) => {
    const before = values[at - 1] ?? -Infinity
    return isStrict ? value > before : value >= before
  })
}
