import { waitFor } from '@reliw/testing'
import t from 'tap'
import { A, CASES, RULES } from './exclusion-cases.ts'
import { startApp, statusOf } from './start-app.ts'

t.test('exclusions cover exactly the matches that they describe', async (t) => {
  for (const [exclusions, requests] of CASES) {
    const { get } = await startApp(t, { rules: { ...RULES, exclusions } })
    for (const [target, blocked, headers] of requests) {
      const status = statusOf(await get(target, headers))
      t.equal(status, blocked ? 403 : 200, `${JSON.stringify(exclusions)} ${target} ${headers}`)
    }
  }
})

t.test(
  'a match that is excluded on one path counts on others, and the other way round',
  async (t) => {
    const exclusions = [
      { path: '^/ok', header: 'x-a' },
      { path: '^/ok', parameter: 'q' }
    ]
    const { get } = await startApp(t, { rules: { ...RULES, exclusions } })
    for (let round = 0; round < 3; round++) {
      t.equal(statusOf(await get('/ok?q=evil', A)), 200)
      t.equal(statusOf(await get('/no', A)), 403)
      t.equal(statusOf(await get('/no?q=evil')), 403)
      t.equal(statusOf(await get('/ok?q=evil', A)), 200)
    }
  }
)

t.test('an exclusion ends while the server runs', async (t) => {
  const exclusions = [{ rule: 'evil', expires: Date.now() + 500 }]
  const { get } = await startApp(t, { rules: { ...RULES, exclusions } })
  await waitFor(async () => statusOf(await get('/evil')) === 403, 'the end')
  t.ok(Date.now() >= (exclusions[0]?.expires ?? Infinity))
})
