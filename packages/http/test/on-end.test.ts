import { openRaw, portOf, rawRequest, waitFor } from '@reliw/testing'
import { faults } from '@reliw/options'
import Fastify from 'fastify'
import t from 'tap'
import { onEnd, useFacts } from '../src/index.ts'

t.test('every listener is called once at the end of a request, in order', async (t) => {
  const app = Fastify()
  const calls: string[] = []
  const thrown: unknown[] = []
  const onFault = ({ error }: { error: unknown }): void => void thrown.push(error)
  faults.subscribe(onFault)
  t.teardown(() => faults.unsubscribe(onFault))
  useFacts(app)
  app.addHook('onRequest', async (_request, reply) => {
    onEnd(reply, ({ url }) => void calls.push(`first ${url}`))
    onEnd(reply, () => {
      throw new Error('on purpose')
    })
    onEnd(reply, (_same, { raw }) => void calls.push(`last ${raw.writableFinished}`))
  })
  app.get('/sent', async () => 'sent')
  const begun = Promise.withResolvers<void>()
  app.get('/never', () => begun.resolve())
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const port = portOf(app.server)
  await rawRequest(port, 'GET /sent HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await waitFor(() => calls.length === 2, 'the end of the first request')
  t.strictSame(calls.splice(0), ['first /sent', 'last true'])
  const client = openRaw(port)
  client.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
  await begun.promise
  client.destroy()
  await waitFor(() => calls.length === 2, 'the end of the second request')
  t.strictSame(calls, ['first /never', 'last false'])
  t.match(thrown, [{ message: 'on purpose' }, { message: 'on purpose' }])
})
