import { fail } from '@reliw/testing'
import { test } from 'tap'
import { startMetered } from './metered-app.ts'

test('what an option throws at the end of a request ends nothing', async (t) => {
  const { ask } = await startMetered(t, { path: fail })
  for (let requests = 0; requests < 2; requests++) {
    t.match(await ask(), /^HTTP\/1\.1 200 [^]*served$/)
  }
})
