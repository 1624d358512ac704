import type { Panel, Row } from './dashboard.ts'
import { kept } from './queries.ts'

/** [what misses it, what part may, what is not missed] */
const OBJECTIVES = [
  ['failed', 0.005, 'Answered without 5xx'],
  ['over_500ms', 0.05, 'Answered within 500 ms'],
  ['over_2s', 0.01, 'Answered within 2 s']
] as const

/** How the objectives are kept, of jobs or of hosts. */
export function objectives(level: 'job' | 'job_host', selector: string): Row {
  const by = level === 'job' ? '{{job}}' : '{{host}}'
  return {
    title: 'Objectives',
    panels: [
      ...OBJECTIVES.map(([missed, budget, title]): Panel => ({
        title: `${title}, 7 days`,
        description: `The part of the requests of the last seven days. The objective is ${percent(1 - budget)}. WebSockets do not count.`,
        unit: 'percentunit',
        queries: [[kept(level, missed, selector), '']],
        kind: 'number',
        good: [1 - budget, 1 - budget / 2]
      })),
      ...OBJECTIVES.map(([missed, budget, title]): Panel => ({
        title: `Burn rate: ${title.toLowerCase()}`,
        description: `How fast the ${percent(budget)} that may miss it are used up: with 1 they last for exactly a week. 14.4 over an hour pages, 3 over six hours warns.`,
        unit: 'none',
        queries: (['5m', '1h', '6h'] as const).map((time) => [
          `${level}:reliw_requests_${missed}:ratio_rate${time}{${selector}} / ${budget}`,
          `${by} ${time}`
        ])
      }))
    ]
  }
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`
}
