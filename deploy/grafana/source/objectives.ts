import type { Panel, Row } from './dashboard.ts'
import { shareMet } from './queries.ts'

/** [metric of the requests that miss it, share that may miss it, title] */
const OBJECTIVES = [
  ['failed', 0.005, 'Without 5xx'],
  ['over_500ms', 0.05, 'Within 500 ms'],
  ['over_2s', 0.01, 'Within 2 s']
] as const

/** How well jobs or hosts meet the objectives. */
export function objectives(level: 'job' | 'job_host', selector: string): Row {
  const by = level === 'job' ? '{{job}}' : '{{host}}'
  return {
    title: 'Objectives',
    panels: [
      ...OBJECTIVES.map(([missed, budget, title]): Panel => ({
        title: `${title}, 7 days`,
        description: `Share of the requests of the last seven days. The objective is ${percent(1 - budget)}. WebSockets do not count.`,
        unit: 'percentunit',
        queries: [[shareMet(level, missed, selector), '']],
        kind: 'number',
        good: [1 - budget, 1 - budget / 2]
      })),
      ...OBJECTIVES.map(([missed, budget, title]): Panel => ({
        title: `Burn rate: ${title.toLowerCase()}`,
        description: `How fast the budget of ${percent(budget)} is used up: at 1, it lasts for exactly a week. 14.4 over an hour is critical, 3 over six hours is a warning.`,
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
