import { styleText } from 'node:util'
import { cut } from './cut.ts'
import type { Terminal } from '../terminal.ts'

/** The fields of the log line `started`. */
export interface StartLine {
  version: string
  config?: string
  overrides?: string[]
  folder?: string
  store: string
  urls: string[]
  metrics?: string
}

const INDENT = '  '

/** What is served, and where; no line is wider than the terminal. */
export function describeStart(line: StartLine, { columns, isColoured }: Terminal): string {
  const { version, config, overrides = [], folder, store, urls, metrics } = line
  const what = folder === undefined ? 'the sites in' : 'for every host the folder'
  const set = overrides.length > 0 ? `, ${overrides.join(', ')}` : ''
  const rows: [text: string, isLink?: boolean][] = [
    [`RELIW ${version} serves ${what}`],
    [INDENT + (folder ?? store)],
    [urls.length > 1 ? 'at the addresses' : 'at'],
    ...urls.map((url): [string, true] => [INDENT + url, true]),
    ...(metrics === undefined ? [] : [[`Metrics: ${metrics}/metrics`] as [string]]),
    [`Settings: ${config ?? 'defaults'}${set}`],
    ['Ctrl+C ends it.']
  ]
  const lines = rows.map(([text, isLink = false]) => {
    const shown = cut(text, columns())
    return isLink && isColoured ? styleText('cyan', shown, { validateStream: false }) : shown
  })
  return `\n${lines.join('\n')}\n\n`
}

/** What to do when there is no site yet. */
export function describeEmptyStore(): string {
  return `There is no site yet. Add one, in another terminal in this folder:
  reliw import ./my-site     a folder with a site.json
Or look at the files of a folder, without a site:
  reliw serve ./folder
In a browser, the addresses above show how.

`
}
