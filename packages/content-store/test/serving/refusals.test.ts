import { openRaw } from '@reliw/testing'
import t from 'tap'
import { HOST, startSite } from './start-site.ts'

const SECRET = 'what only members may see'

for (const raw of [true, false]) {
  t.test(`an entry that needs a missing plugin is refused (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    site.write('a.txt', SECRET)
    t.equal((await site.get('/a.txt')).text, SECRET)
    const entries = {
      auth: { auth: ['user'] },
      login: { auth: { login: true } },
      rate_limit: { rate_limit: { GET: { limit: 1, period: 60 } } },
      proxy: { proxy: { target: 'localhost' } }
    }
    for (const [name, fields] of Object.entries(entries)) {
      await site.set({ [`API:${HOST}:all`]: { methods: { GET: true }, ...fields } })
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
        const { status, text } = await site.get('/a.txt', { method })
        t.equal(status, 501, `${name} ${method}`)
        t.notMatch(text, SECRET)
        t.notMatch(text, name)
      }
      t.match(site.log.at(-1), { level: 40, content: { reason: /auth|rate_limit|proxy/ } })
    }
  })

  t.test(`a Lua page is not sent as text (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw, cache_max_size: 1000, entry: { try_extensions: true } })
    site.write('a.lua', `-- ${SECRET}`)
    site.write('large.lua', `-- ${SECRET}`.padEnd(2000))
    await site.hset(`FILES:${HOST}:/stored.lua`, { content: SECRET })
    for (const path of ['/a', '/a.lua', '/large', '/large.lua', '/stored', '/stored.lua']) {
      const { status, text } = await site.get(path)
      t.equal(status, 501, path)
      t.notMatch(text, SECRET)
    }
    t.match(site.log.at(-1), { level: 40, content: { reason: /Lua/ } })
  })

  t.test(`a host with an upstream serves none of its files (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    site.write('a.txt', SECRET)
    await site.set({ [`PROXY:${HOST}`]: { target: 'localhost', port: 1 } })
    t.match(await site.get('/a.txt'), { status: 501, text: /501 Not Implemented/ })
    t.match(site.log, [{ content: { reason: /upstream/ } }])
    await site.delete(`PROXY:${HOST}`)
    t.equal((await site.get('/a.txt')).text, SECRET)
  })

  t.test(`a body sent to a page changes nothing (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    site.write('a.txt', 'text')
    const client = openRaw(site.port)
    t.teardown(() => client.destroy())
    for (const type of ['application/json', 'x/y', '', 'nonsense', ';;;']) {
      const header = type === '' ? '' : `content-type: ${type}\r\n`
      const head = `POST /a.txt HTTP/1.1\r\nhost: ${HOST}\r\n${header}`
      const bodies = [
        'content-length: 5\r\n\r\n{"a":',
        'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
      ]
      for (const body of bodies) {
        client.write(head + body)
        const response = await client.read('</html>')
        t.match(response, new RegExp(`^\\s*HTTP/1.1 405 [^]*Request id`), `"${type}"`)
      }
    }
    client.write(`GET /a.txt HTTP/1.1\r\nhost: ${HOST}\r\ncontent-length: 3\r\n\r\nabc`)
    t.match(await client.read('\r\n\r\ntext'), /^\s*HTTP\/1.1 200 /)
  })
}
