import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort, spawnGuarded, tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { startServer } from './start-server.ts'

const hasHaproxy = spawnSync('haproxy', ['-v']).status === 0
const skip = hasHaproxy ? false : 'haproxy is not installed'

async function ask(port: number, host: string): Promise<string> {
  const headers = { host }
  const request = get({ port, host: '127.0.0.1', localAddress: '127.0.0.9', headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return text(response)
}

t.test('HAProxy in front and as an origin: all three see the same client', { skip }, async (t) => {
  const [v1, v2, origin] = [await freePort(), await freePort(), await freePort()]
  const target = `127.0.0.1:${origin}`
  const values = {
    'PROXY:a.example': { target, send_proxy: 'v1', health: { path: '/', interval: '50ms' } },
    'PROXY:b.example': { target, send_proxy: 'v2' }
  }
  const { port, log } = await startServer(t, values, {
    trusted_proxies: ['127.0.0.1'],
    proxy_protocol: 'required'
  })
  const file = join(tempDir(t), 'haproxy.cfg')
  const server = `server reliw 127.0.0.1:${port} check inter 50ms`
  writeFileSync(
    file,
    `
defaults
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen v1
  mode tcp
  bind 127.0.0.1:${v1}
  ${server} send-proxy
listen v2
  mode tcp
  bind 127.0.0.1:${v2}
  ${server} send-proxy-v2
frontend origin
  mode http
  bind 127.0.0.1:${origin} accept-proxy
  http-request return status 200 content-type text/plain lf-string "saw %[src]"
`
  )
  const haproxy = spawnGuarded('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
  t.teardown(() => haproxy.kill('SIGKILL'))
  for (const front of [v1, v2])
    for (const host of ['a.example', 'b.example'])
      await waitFor(
        async () => (await ask(front, host).catch(String)) === 'saw 127.0.0.9',
        `${host} behind HAProxy`
      )
  t.notOk(
    log.some((line) => 'proxy_header' in line),
    'health checks are not logged'
  )
})
