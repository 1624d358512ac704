import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { openRaw, startRedis, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { exchange, openWebSocket, startEcho } from '../websockets.ts'
import { createWorkplace, type Workplace } from './run-cli.ts'
import { ask } from './serving.ts'

/** A store, and how others than the server change it: unchecked, `undefined` deletes. */
interface Setup {
  place: Workplace
  change: (key: string, value: string | undefined) => Promise<unknown>
}

const stores: Record<string, (t: Test) => Promise<Setup>> = {
  'the embedded store': async (t) => {
    const place = createWorkplace(t)
    const change: Setup['change'] = (key, value) =>
      value === undefined ? place.reliw('del', key) : place.reliw('set', key, value, '--no-check')
    return { place, change }
  },
  Redis: async (t) => {
    const redis = await startRedis(t)
    const place = createWorkplace(t, { redis: { port: redis.port, db: 0 } })
    const change: Setup['change'] = (key, value) =>
      value === undefined
        ? redis.command('DEL', `RLW:${key}`)
        : redis.command('SET', `RLW:${key}`, value)
    return { place, change }
  }
}

/** An app with pages, an event stream and WebSockets. */
async function startApp(
  t: Test,
  name: string
): Promise<{ value: string; streams: ServerResponse[] }> {
  const streams: ServerResponse[] = []
  const server = createServer((request, response) => {
    if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      streams.push(response)
    } else response.end(name)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const { target } = await startEcho(t, { server })
  return { value: JSON.stringify({ target }), streams }
}

for (const [name, create] of Object.entries(stores)) {
  t.test(`with ${name}, changes hold at once, and streams stay open`, async (t) => {
    const { place, change } = await create(t)
    const [one, two] = [await startApp(t, 'one'), await startApp(t, 'two')]
    await change('PROXY:a.example', one.value)
    const { port, line, log, stop } = await place.serve()
    const socket = await openWebSocket(t, port)
    const events = openRaw(port)
    t.teardown(() => events.destroy())
    events.write('GET /events HTTP/1.1\r\nhost: a.example\r\n\r\n')
    await events.read('\r\n\r\n')
    const [stream] = await waitFor(() => one.streams.length === 1 && one.streams, 'the stream')
    const textOf = async (): Promise<string> => (await ask(port, '/')).text
    const changed = async (what: string, text: string): Promise<void> => {
      t.equal(await textOf(), text, what)
      const { data } = await exchange(socket, what)
      t.equal(String(data), what, `the WebSocket after ${what}`)
      stream?.write(`data: ${what}\n\n`)
      await events.read(`data: ${what}\n\n`)
    }

    await changed('the start', 'one')
    await change('PROXY:b.example', two.value)
    await change('API:c.example', '[["^/","page"]]')
    await changed('other sites', 'one')
    await change('PROXY:a.example', two.value)
    await changed('another origin', 'two')
    await change('API:a.example', '[["^/","page"]]')
    await change('API:a.example:page', '{"methods":{"GET":true},"file":"/none"}')
    await changed('entries of this site', 'two')
    await change('PROXY:a.example', '{"target": "two.example", "secret": "s3cret"')
    await changed('a broken value', 'two')
    t.match(await line({ msg: 'stored value rejected' }), {
      level: 50,
      store: { key: 'RLW:PROXY:a.example', mistake: /./ }
    })
    await change('PROXY:a.example', one.value)
    await changed('a good value again', 'one')
    await change('PROXY:a.example', undefined)
    t.equal((await ask(port, '/')).status, 404, 'the routes answer')
    await change('PROXY:a.example', two.value)
    await changed('an upstream again', 'two')

    t.notMatch(JSON.stringify(log), /s3cret/)
    socket.close()
    events.destroy()
    t.equal(await stop(), 0)
  })
}
