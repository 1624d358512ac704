// A request counts once against the limits of each entry that serves it.

import { writeFileSync } from 'node:fs'
import type { Entry } from '@reliw/model'
import t, { type Test } from 'tap'
import type { Response } from './send-request.ts'
import { HOST, startSite, type Site } from './start-site.ts'

const LARGE = { cache_max_size: 1000, entry: { auth: ['bob'] } }

/** Requests a large file, and changes something while `authorize` is pending. */
async function changeMeanwhile(
  t: Test,
  change: (site: Site, file: string) => Promise<void> | void
): Promise<{ response: Response; counted: Entry[] }> {
  const reached = Promise.withResolvers<void>()
  const admitted = Promise.withResolvers<boolean>()
  const counted: Entry[] = []
  const site = await startSite(t, {
    ...LARGE,
    authorize: () => {
      reached.resolve()
      return admitted.promise
    },
    limit: (_request, _reply, entry) => {
      counted.push(entry)
      return true
    }
  })
  const file = site.write('a.txt', 'public'.repeat(300))
  const pending = site.get('/a.txt')
  await reached.promise
  await change(site, file)
  admitted.resolve(true)
  return { response: await pending, counted }
}

t.test('a request that is resolved again to the same entry counts once', async (t) => {
  const { response, counted } = await changeMeanwhile(t, (_site, file) =>
    writeFileSync(file, 'other'.repeat(400))
  )
  t.equal(response.text, 'other'.repeat(400))
  t.equal(counted.length, 1)
})

t.test('a request that is resolved again counts against a changed entry', async (t) => {
  const rate_limit = { GET: { limit: 1, period: 60 } }
  const { response, counted } = await changeMeanwhile(t, async (site, file) => {
    await site.set({ [`API:${HOST}:all`]: { methods: { GET: true }, auth: ['bob'], rate_limit } })
    writeFileSync(file, 'other'.repeat(400))
  })
  t.equal(response.status, 200)
  t.strictSame(
    counted.map((entry) => entry.rate_limit?.methods.get('GET')?.limit),
    [undefined, 1]
  )
})
