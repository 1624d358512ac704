/** Writes the dashboards: `node deploy/grafana/source/write.ts`, then `npm run format -- deploy/grafana`. */
import { writeFileSync } from 'node:fs'
import { render } from './dashboard.ts'
import { dashboards } from './index.ts'

for (const dashboard of dashboards) {
  const target = new URL(`../${dashboard.name}.json`, import.meta.url)
  writeFileSync(target, `${JSON.stringify(render(dashboard), undefined, 2)}\n`)
}
