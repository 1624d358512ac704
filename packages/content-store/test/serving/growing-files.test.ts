// Files that are written to all the time, such as logs and recordings.

import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { HOST, startSite, type Site } from './start-site.ts'

/** Lines, each of which contains its own byte offset. */
function linesFrom(start: number, count: number): string {
  return Array.from({ length: count }, (_, at) => `${String(start + at * 10).padStart(9)}\n`).join(
    ''
  )
}

/** Appends at each turn of the event loop until it is stopped. */
function keepGrowing(file: string, start: number): () => number {
  let size = start
  let isOver = false
  const grow = (): void => {
    if (isOver) return
    appendFileSync(file, linesFrom(size, 10))
    size += 100
    setImmediate(grow)
  }
  grow()
  return () => {
    isOver = true
    return size
  }
}

for (const [kind, size, options] of [
  ['is cached', 20_000, {}],
  ['is too large for the cache', 20_000, { cache_max_size: 1000 }],
  ['is sent in many pieces', 3_000_000, { cache_max_size: 1000 }]
] as const) {
  t.test(
    `a growing file is served at the size that it has when it is opened: one that ${kind}`,
    async (t) => {
      const site = await startSite(t, options)
      const file = site.write('log.txt', linesFrom(0, size / 10))
      const stop = keepGrowing(file, size)
      const sizes: number[] = []
      for (let round = 0; round < 20; round++) {
        const { status, headers, text } = await site.get('/log.txt')
        t.equal(status, 200)
        t.equal(headers['content-length'], String(text.length))
        // A file grows by pages: for a moment it may end within a line.
        const whole = linesFrom(0, Math.ceil(text.length / 10))
        t.equal(text, whole.slice(0, text.length), 'all of it, from its beginning')
        sizes.push(text.length)
        const range = { range: 'bytes=1000-1009' }
        t.match(await site.get('/log.txt', { headers: range }), {
          status: 206,
          text: linesFrom(1000, 1)
        })
        t.equal((await site.get('/log.txt', { method: 'HEAD' })).status, 200)
      }
      t.ok(Number(sizes.at(-1)) > Number(sizes[0]), 'and later more')
      const last = stop()
      t.equal((await site.get('/log.txt')).text.length, last)
    }
  )
}

/** Overwrites the file in place, and tightens its rule first. */
function tighten(site: Site, file: string): Promise<void> {
  const done = site.set({ [`API:${HOST}:all`]: { methods: { GET: true }, auth: ['ada'] } })
  writeFileSync(file, 'secret'.repeat(400))
  return done
}

t.test('a large file that is overwritten is served by the current rule of its entry', async (t) => {
  const reached = Promise.withResolvers<void>()
  const admitted = Promise.withResolvers<boolean>()
  const site: Site = await startSite(t, {
    cache_max_size: 1000,
    entry: { auth: ['bob'] },
    authorize: (_request, reply, { auth }) => {
      if (JSON.stringify(auth).includes('ada')) {
        reply.code(403).send('not for bob')
        return false
      }
      reached.resolve()
      return admitted.promise
    }
  })
  const file = site.write('a.txt', 'public'.repeat(300))
  const pending = site.get('/a.txt')
  await reached.promise
  await tighten(site, file)
  admitted.resolve(true)
  t.match(await pending, { status: 403, text: 'not for bob' })
})

t.test('a file that is replaced all the time is never a mixture', async (t) => {
  const site = await startSite(t, { cache_max_size: 1000 })
  const file = site.write('a.txt', 'a'.repeat(5000))
  let isOver = false
  let count = 0
  const replace = (): void => {
    if (isOver) return
    const letter = String.fromCharCode(97 + (count++ % 26))
    renameSync(site.write('b.txt', letter.repeat(5000)), file)
    setImmediate(replace)
  }
  replace()
  for (let round = 0; round < 20; round++) {
    const { status, text } = await site.get('/a.txt')
    if (status === 200) t.match(text, /^(.)\1{4999}$/)
    else t.equal(status, 500)
  }
  isOver = true
})
