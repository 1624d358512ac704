// A request counts once against the limits of each entry that answers it.

import { writeFileSync } from 'node:fs'
import type { Entry } from '@reliw/model'
import t, { type Test } from 'tap'
import type { Answer } from './ask.ts'
import { HOST, startSite, type Site } from './start-site.ts'

const LARGE = { cache_max_size: 1000, entry: { auth: ['bob'] } }

/** Asks for a large file, and changes something while the first question about it is open. */
async function changeMeanwhile(
  t: Test,
  change: (site: Site, file: string) => Promise<void> | void
): Promise<{ answer: Answer; counted: Entry[] }> {
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<boolean>()
  const counted: Entry[] = []
  const site = await startSite(t, {
    ...LARGE,
    authorize: () => {
      asked.resolve()
      return answered.promise
    },
    limit: (_request, _reply, entry) => {
      counted.push(entry)
      return true
    }
  })
  const file = site.write('a.txt', 'public'.repeat(300))
  const pending = site.get('/a.txt')
  await asked.promise
  await change(site, file)
  answered.resolve(true)
  return { answer: await pending, counted }
}

t.test('a file that is looked up again under the same entry counts once', async (t) => {
  const { answer, counted } = await changeMeanwhile(t, (_site, file) =>
    writeFileSync(file, 'other'.repeat(400))
  )
  t.equal(answer.text, 'other'.repeat(400))
  t.equal(counted.length, 1)
})

t.test('a file that is looked up again counts against an entry that came since', async (t) => {
  const rate_limit = { GET: { limit: 1, period: 60 } }
  const { answer, counted } = await changeMeanwhile(t, async (site, file) => {
    await site.set({ [`API:${HOST}:all`]: { methods: { GET: true }, auth: ['bob'], rate_limit } })
    writeFileSync(file, 'other'.repeat(400))
  })
  t.equal(answer.status, 200)
  t.strictSame(
    counted.map((entry) => entry.rate_limit?.methods.get('GET')?.limit),
    [undefined, 1]
  )
})
