import type { Family, Sample } from '../family.ts'
import type { Format } from './format.ts'

/** Approximate length of a chunk, in characters: few enough to render without delaying other work. */
const CHUNK = 64 * 1024
const TOTAL = '_total'

/** Renders families in a format, chunk by chunk. Families without series are left out. */
export function* render(families: readonly Family[], format: Format): Generator<string> {
  let text = ''
  for (const family of families) {
    if (family.samples.length === 0) continue
    text += headOf(family, format)
    for (const sample of family.samples) {
      text +=
        family.type === 'histogram' ? buckets(family, sample, format) : line(family.name, sample)
      if (text.length < CHUNK) continue
      yield text
      text = ''
    }
  }
  yield format.isOpenMetrics ? `${text}# EOF\n` : text
}

function headOf({ name, type, help }: Family, { isOpenMetrics }: Format): string {
  const isCounter = type === 'counter' && name.endsWith(TOTAL)
  const family = isOpenMetrics && isCounter ? name.slice(0, -TOTAL.length) : name
  // OpenMetrics requires the suffix for counters; an app's own counters may lack it.
  const isUnknown = type === 'untyped' || (type === 'counter' && !isCounter)
  const kind = isOpenMetrics && isUnknown ? 'unknown' : type
  return `# HELP ${family} ${escapeHelp(help)}\n# TYPE ${family} ${kind}\n`
}

function line(name: string, [labels, value]: Sample): string {
  return `${name}${labels && `{${labels}}`} ${numberOf(value as number)}\n`
}

function buckets(
  { name, bounds = [] }: Family,
  [labels, value]: Sample,
  { isOpenMetrics }: Format
): string {
  const counts = value as readonly number[]
  const own = labels && `${labels},`
  let text = ''
  let total = 0
  for (const [at, bound] of bounds.entries()) {
    total += counts[at] ?? 0
    text += `${name}_bucket{${own}le="${boundOf(bound, isOpenMetrics)}"} ${total}\n`
  }
  total += counts[bounds.length] ?? 0
  text += `${name}_bucket{${own}le="+Inf"} ${total}\n`
  const suffix = labels && `{${labels}}`
  return `${text}${name}_sum${suffix} ${numberOf(counts.at(-1) ?? 0)}\n${name}_count${suffix} ${total}\n`
}

/** OpenMetrics requires a bound in the form of a float. */
function boundOf(bound: number, isOpenMetrics: boolean): string {
  return isOpenMetrics && Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)
}
