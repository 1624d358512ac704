/** A table, aligned as the formatter aligns it. `|` in cells is escaped. */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[]
): string {
  const cells = [titles, ...rows].map((row) =>
    row.map((text) => text.replaceAll('|', String.raw`\|`))
  )
  const widths = titles.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  )
  const line = (row: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width, fill)).join(' | ')} |\n`
  const [head = [], ...rest] = cells
  return [line(head), line([], '-'), ...rest.map((row) => line(row))].join('')
}
