import { pino } from 'pino'
import { test } from 'tap'
import { createDropReport } from '../src/drop-report.ts'

test('dropped lines are reported when there is room, at most every ten seconds', async (t) => {
  const lines: { msg: string; count: number; total: number }[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line))
  let [dropped, now] = [0, 5]
  const report = createDropReport(
    pino({ base: null }, { write }),
    () => dropped,
    () => now
  )
  report()
  t.equal(lines.length, 0, 'none were dropped')
  dropped = 7
  report()
  report()
  t.match(lines, [{ level: 40, msg: 'log lines dropped', count: 7, total: 7 }])
  t.equal(lines.length, 1)
  dropped = 9
  now += 9_999
  report()
  t.equal(lines.length, 1, 'ten seconds have not passed')
  now += 1
  dropped = 10
  report()
  t.match(lines[1], { count: 3, total: 10 })
  now += 60_000
  report()
  t.equal(lines.length, 2, 'no more were dropped')
})
