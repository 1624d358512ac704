/** security: an attacker may store characters that move the cursor or hide the rest of a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1]
] as const

/** Formats a table with aligned columns; empty cells are `-`. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll(UNPRINTABLE, '\uFFFD') || '-')
  )
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  )
}

/** A number with its noun, which gets an "s" unless the number is 1. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** A time in ISO 8601; undefined when it is missing or out of range. */
export function describeDate(ms: number | undefined): string | undefined {
  const date = new Date(ms ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** A duration in its two largest units, such as `1d 2h`; less than a second counts as one. */
export function describeTime(ms: number): string {
  let seconds = Math.max(Math.ceil(ms / 1000), 1)
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const whole = Math.floor(seconds / size)
    seconds -= whole * size
    if (whole > 0) parts.push(`${whole}${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}
