/** Rows of text; the first column is a name, all others are numbers. */
export interface Table {
  title?: string
  head: readonly string[]
  rows: readonly (readonly string[])[]
}

/** A Markdown table that is aligned to be read as it is, too. */
export function formatTable({ title, head, rows }: Table): string {
  const widths = head.map((name, column) =>
    Math.max(3, ...[name, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length))
  )
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column)).join(' | ')} |`
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`
  )
  const lines = [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)]
  return [...(title === undefined ? [] : [`**${title}**`, '']), ...lines].join('\n')
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}
