/**
 * A Fastify app of one's own, with a site from the live store beside its routes. PORT is where it
 * listens (default 8080), STORE the store's directory (default .reliw/embed-store).
 */
import contentStore from '@reliw/content-store'
import limits from '@reliw/limits'
import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import Fastify from 'fastify'

const app = Fastify({ logger: { level: 'warn' } })
const store = await openStore({ dir: process.env['STORE'] ?? '.reliw/embed-store' }, app.log)
app.addHook('onClose', () => store.close())

// First: requests whose host or path could be read in two ways end here.
await app.register(limits)

// The app's own routes and its own error handler stay what they are.
app.get('/api/time', async () => ({ time: new Date().toISOString() }))
app.get('/api/fail', async () => {
  throw new Error('something of our own')
})
app.setErrorHandler((error, request, reply) => {
  request.log.error(error)
  const { statusCode = 500 } = error as { statusCode?: number }
  return reply.code(statusCode).send({ oops: true })
})

// What no route answers is looked for in the store. `raw` stays false: onSend hooks see every response.
await app.register(contentStore, { store, data_dir: '.reliw/embed-www' })

await writeSite(store, 'localhost')
const url = await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
process.stdout.write(`${url}\n`)

/** Two routes, two entries, two files. Another process could write them just as well. */
async function writeSite({ driver, keys }: Store, host: string): Promise<void> {
  const routes = [
    ['/', 'home', true],
    ['%.md$', 'source']
  ]
  const home = { methods: { GET: true }, file: '/index.md' }
  const source = { methods: { GET: true }, cache_control: 'max-age=60' }
  await driver.write([
    {
      op: 'hset',
      key: keys.file(host, '/index.md'),
      fields: { content: '# Served from the store\n' }
    },
    { op: 'set', key: keys.entry(host, 'home'), value: JSON.stringify(home) },
    { op: 'set', key: keys.entry(host, 'source'), value: JSON.stringify(source) },
    { op: 'set', key: keys.routes(host), value: JSON.stringify(routes) }
  ])
}
