import { createServer } from 'node:http'
import Fastify from 'fastify'
import { test } from 'tap'
import { addServer, onServer } from '../src/index.ts'

test('a plugin equips the servers of its app, whether they come before it or after it', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const [before, after] = [createServer(), createServer()]
  const equipped: unknown[] = []
  addServer(app, before)
  await app.register(async (encapsulated) => {
    onServer(encapsulated, (server) => equipped.push(server))
  })
  addServer(app, after)
  t.same(
    equipped.map((server) => [app.server, before, after].indexOf(server as never)),
    [0, 1, 2]
  )
})

test('servers of one app are not those of another', async (t) => {
  const [app, other] = [Fastify(), Fastify()]
  t.teardown(async () => Promise.all([app.close(), other.close()]))
  const equipped: unknown[] = []
  onServer(app, (server) => equipped.push(server))
  addServer(other, createServer())
  t.equal(equipped.length, 1)
})
