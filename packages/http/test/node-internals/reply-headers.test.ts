import Fastify from 'fastify'
import { test } from 'tap'
import { replyHeaders } from '../../src/index.ts'

test('the headers that were set on a reply are read without a copy, and without those of the raw response', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/', (_request, reply) => {
    reply.raw.setHeader('x-raw', '1')
    reply.header('X-One', '1').header('set-cookie', ['a', 'b'])
    t.strictSame({ ...replyHeaders(reply) }, { 'x-one': '1', 'set-cookie': ['a', 'b'] })
    t.equal(replyHeaders(reply), replyHeaders(reply))
    return reply.send('')
  })
  t.equal((await app.inject('/')).statusCode, 200)
})
