import t from 'tap'
import { metricsIn } from './deploy-promql.ts'

t.test('metrics are found with the labels that they are chosen and added up by', async (t) => {
  t.same(
    metricsIn('sum by (job, host) (rate(a_total{class!="1xx", le=~"2|}"}[5m])) or 0 * b:c:d'),
    [
      { metric: 'a_total', labels: ['class', 'le', 'job', 'host'], left: ['job', 'host'] },
      { metric: 'b:c:d', labels: [], left: undefined }
    ]
  )
  t.same(metricsIn('topk(10, max by (job) (max by (job, host) (a{x="("}) > 0)) - time() < 86400'), [
    { metric: 'a', labels: ['x', 'job', 'job', 'host'], left: ['job'] }
  ])
  t.same(
    metricsIn('600 * a > bool 1e3 unless (b) <= sum_over_time(c[1d] offset 10m) / 2880').map(
      ({ metric }) => metric
    ),
    ['a', 'b', 'c']
  )
})

t.test('an unsupported query is reported', async (t) => {
  t.throws(() => metricsIn('a and on (job) b'), /on: not known/)
  t.throws(() => metricsIn('sum without (job) (a)'), /without: not known/)
})
