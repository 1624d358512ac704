import { readFileSync } from 'node:fs'

/** A rule of Prometheus. */
export interface Rule {
  readonly kind: 'alert' | 'record'
  readonly name: string
  readonly expr: string
  /** Of alerts; '' where it is missing. */
  readonly severity: string
  readonly summary: string
  readonly description: string
  readonly runbook: string
}

const folder = new URL('../deploy/prometheus/', import.meta.url)

/** The rules of a file: `recording` or `alerts`. It is read as the formatter writes it. */
export function readRules(file: string): Rule[] {
  const text = readFileSync(new URL(`rules/${file}.yml`, folder), 'utf8')
  const [, ...blocks] = text.split(/^ {6}- (?=(?:alert|record): )/m)
  return blocks.map((block) => {
    const isAlert = block.startsWith('alert')
    return {
      kind: isAlert ? 'alert' : 'record',
      name: fieldOf(block, isAlert ? 'alert' : 'record'),
      expr: fieldOf(block, 'expr'),
      severity: fieldOf(block, 'severity'),
      summary: fieldOf(block, 'summary'),
      description: fieldOf(block, 'description'),
      runbook: fieldOf(block, 'runbook_url')
    }
  })
}

/** A text in one line, or in the lines below that are further to the right. */
function fieldOf(block: string, name: string): string {
  const pattern = new RegExp(`^( *)${name}: (.*)\\n((?:\\1 +.*\\n)*)`, 'm')
  const [, , line = '', below = ''] = pattern.exec(block) ?? []
  if (/^[|>]-?$/.test(line)) return below.trim()
  return line.replaceAll(/^'|'$/g, '')
}
