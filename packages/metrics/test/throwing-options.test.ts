import { fail } from '@reliw/testing'
import { test } from 'tap'
import { startMetered } from './metered-app.ts'

test('an error in an option at the end of a request ends nothing', async (t) => {
  const { send } = await startMetered(t, { path: fail })
  for (let requests = 0; requests < 2; requests++) {
    t.match(await send(), /^HTTP\/1\.1 200 [^]*served$/)
  }
})
