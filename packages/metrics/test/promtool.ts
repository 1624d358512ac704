import { spawnSync } from 'node:child_process'

/** Whether Prometheus' own tool is on the PATH. */
export const hasPromtool = spawnSync('promtool', ['--version']).status === 0

/** What `promtool check metrics` has against a scrape in text format: '' is nothing. */
export function promtool(text: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8'
  })
  return status === 0 ? '' : `${stdout}${stderr}` || `it ended with ${status}`
}
