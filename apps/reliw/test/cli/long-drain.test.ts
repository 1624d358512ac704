import { rawRequest, startOrigin, waitFor } from '@reliw/testing'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

/** More than the ten seconds for which Fastify waits for its plugins by default, in milliseconds. */
const LONG = 11_000

t.test(
  'a server that drains for longer than plugins may take to start ends in good order',
  async (t) => {
    const origin = await startOrigin(t, (_request, connection) => {
      setTimeout(() => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone'), LONG)
    })
    const place = createWorkplace(t)
    await place.reliw('set', 'PROXY:a.example', JSON.stringify({ target: origin.url }))
    const server = await place.serve()
    const get = 'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'
    const response = rawRequest(server.port, get)
    await waitFor(() => origin.requests.length === 1, 'the request')
    const exit = server.stop('SIGTERM')
    t.match(await response, /^HTTP\/1\.1 200 [^]*done$/)
    t.equal(await exit, 0)
    await server.line({ msg: 'closed' })
  }
)
