import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import { fail, waitFor } from '@reliw/testing'
import { HOST, startSite } from './start-site.ts'

for (const raw of [true, false]) {
  t.test(
    `an invalid value fails the requests that need it, until it is corrected (raw: ${raw})`,
    async (t) => {
      const site = await startSite(t, { raw })
      site.write('a.txt', 'text')
      await site.set({ 'API:bad.example': '[["/", "home"' })
      const bad = () => site.get('/', { host: 'bad.example' })
      const broken = await bad()
      t.match(broken, { status: 500, text: /<h1>500 Internal Server Error/ })
      t.notMatch(broken.text, /API|JSON|RLW/)
      t.match(site.log.at(-1), {
        level: 50,
        content: { key: 'RLW:API:bad.example', mistake: /not valid JSON/ }
      })
      t.notOk(site.log.at(-1)?.['err'], 'no stack')
      t.equal((await site.get('/a.txt')).text, 'text', 'the other site')
      await site.set({ 'API:bad.example': [['/', 'home']] })
      t.equal((await bad()).status, 500)
      t.match(site.log.at(-1), { content: { mistake: /no entry "home"/ } })
      site.write('/bad.example/page.txt', 'corrected')
      await site.set({ 'API:bad.example:home': { methods: { GET: true }, file: 'page.txt' } })
      t.equal((await bad()).text, 'corrected')
      await site.set({ 'API:typo.example': [['/', 'home']] })
      await site.set({ 'API:typo.example:home': { methods: { GET: true }, atuh: ['me'] } })
      t.equal((await site.get('/', { host: 'typo.example' })).status, 500)
      t.match(site.log.at(-1), { content: { key: 'RLW:API:typo.example:home', mistake: /atuh/ } })
    }
  )

  t.test(`the last valid value stays in force (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    site.write('a.txt', 'text')
    t.equal((await site.get('/a.txt')).status, 200)
    await site.set({ [`API:${HOST}:all`]: '{broken' })
    t.equal((await site.get('/a.txt')).status, 200)
    await site.set({ [`API:${HOST}`]: 'broken' })
    t.equal((await site.get('/a.txt')).status, 200)
    t.equal((await site.get('/none.txt')).status, 404)
    await site.delete(`API:${HOST}`)
    t.equal((await site.get('/a.txt')).status, 404)
  })

  t.test(`an invalid stored file is logged with its key (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    await site.hset(`FILES:${HOST}:/a.txt`, { mime: 'text/plain' })
    t.equal((await site.get('/a.txt')).status, 500)
    t.match(site.log.at(-1), { content: { key: `RLW:FILES:${HOST}:/a.txt`, mistake: /content/ } })
    await site.hset(`FILES:${HOST}:/a.txt`, { content: 'x', mime: 'a\r\nb: c' })
    t.equal((await site.get('/a.txt')).status, 500)
    await site.hset(`FILES:${HOST}:/a.txt`, { mime: 'text/plain' })
    t.equal((await site.get('/a.txt')).text, 'x')
  })
}

t.test(
  'an error that two entries share is shown only to clients that the entry admits',
  async (t) => {
    const site = await startSite(t, {
      routes: [
        ['/members', 'members', true],
        ['/open', 'open', true]
      ],
      authorize(_request, reply) {
        reply.code(403).send()
        return false
      }
    })
    const entry = { methods: { GET: true }, file: '/a.txt' }
    await site.set({
      [`API:${HOST}:members`]: { ...entry, auth: ['ada'] },
      [`API:${HOST}:open`]: entry
    })
    await site.hset(`FILES:${HOST}:/a.txt`, { mime: 'text/plain' })
    const statusOf = async (path: string): Promise<number> => (await site.get(path)).status
    t.equal(await statusOf('/members'), 403)
    t.equal(await statusOf('/open'), 500)
    t.equal(await statusOf('/members'), 403, 'after other clients have seen it')
  }
)

t.test(
  'a pattern that takes too long on a path fails the request and blocks no other',
  async (t) => {
    const site = await startSite(t, { routes: [['(.-)(.-)(.-)(.-)(.-)(.-)(.-)x$', 'all']] })
    t.equal((await site.get(`/${'a'.repeat(2000)}`)).status, 500)
    t.match(site.log, [{ content: { key: `RLW:API:${HOST}` } }])
  }
)

t.test('rendering that takes too long is terminated while other pages are served', async (t) => {
  const site = await startSite(t, { entry: { try_extensions: true } })
  site.write('slow.dj', '# a\n\n'.repeat(40_000))
  site.write('quick.md', '# Quick')
  site.write('a.txt', 'text')
  let isDone = false
  const slow = site.get('/slow').finally(() => {
    isDone = true
  })
  await waitFor(async () => (await site.get('/a.txt')).status === 200, 'another page')
  t.equal(isDone, false)
  const response = await slow
  t.equal(response.status, 500)
  t.notMatch(response.text, /too long/)
  t.match(site.log.at(-1), { content: { key: `${HOST}/slow.dj`, mistake: /takes too long/ } })
  t.match((await site.get('/quick')).text, /Quick<\/h1>/)
  t.equal((await site.get('/slow')).status, 500)
  site.write('slow.dj', '# a')
  t.match((await site.get('/slow')).text, /<h1>a<\/h1>/, 'corrected')
})

for (const raw of [true, false]) {
  const how = `(raw: ${raw})`
  t.test(
    `an error page whose head cannot be written ends only its own request ${how}`,
    async (t) => {
      const site = await startSite(t, { raw })
      site.write('a.txt', 'text')
      site.app.server.prependListener('request', breakHead)
      await t.rejects(site.get('/nothing'), { code: 'ECONNRESET' })
      t.match(site.log.at(-1), { level: 50, msg: 'error page failed' })
      site.app.server.off('request', breakHead)
      t.equal((await site.get('/a.txt')).text, 'text')
    }
  )
}

function breakHead(_request: IncomingMessage, response: ServerResponse): void {
  Object.assign(response, { writeHead: fail })
}
