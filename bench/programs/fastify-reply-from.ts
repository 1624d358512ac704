/** `node fastify-reply-from.ts PORT ORIGIN`: forwards everything with @fastify/reply-from's defaults. */
import replyFrom from '@fastify/reply-from'
import Fastify from 'fastify'

const [port, origin] = process.argv.slice(2)
const app = Fastify({ logger: false })
// Bodies are handed on as they come.
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
await app.register(replyFrom, { base: `http://127.0.0.1:${origin}` })
app.all('/*', (request, reply) => reply.from(request.url))
await app.listen({ host: '127.0.0.1', port: Number(port) })
