import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { startRedis } from '@reliw/testing'
import t, { type Test } from 'tap'
import { createWorkplace } from './run-cli.ts'

/** A port on which nothing listens. */
async function refusingPort(t: Test): Promise<number> {
  const redis = await startRedis(t)
  await redis.stop()
  return redis.port
}

t.test('a command ends when Redis refuses the connection, however long its timeout', async (t) => {
  const port = await refusingPort(t)
  const redis = { port, timeout: '1d', auth: { user: 'joe', pass: 'secret-word' } }
  const { runAlone } = createWorkplace(t, { redis })
  t.same(await runAlone(['keys']), {
    code: 1,
    stdout: '',
    stderr: `reliw.json: Redis (redis://127.0.0.1:${port}/13) is not available: connect ECONNREFUSED 127.0.0.1:${port}\n`
  })
})

t.test('so it does when Redis refuses the login', async (t) => {
  const { port } = await startRedis(t)
  const auth = { user: 'joe', pass: 'secret-word' }
  const { run } = createWorkplace(t, { redis: { port, timeout: '1d', auth } })
  const { code, stderr } = await run(['keys'])
  t.equal(code, 1)
  t.match(
    stderr,
    /^reliw\.json: Redis \(redis:\/\/[^)]+\) is not available: [^\n]*(AUTH|WRONGPASS)/
  )
  t.notMatch(stderr, 'secret-word')
})

t.test('a Redis that does not respond has as long as its timeout says', async (t) => {
  const server = createServer((socket) => t.teardown(() => socket.destroy())).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { run } = createWorkplace(t, { redis: { port, timeout: '50ms' } })
  t.match(await run(['keys']), {
    code: 1,
    stderr: `(redis://127.0.0.1:${port}/13) is not available`
  })
})

t.test('sentinels and cluster nodes are named', async (t) => {
  const port = await refusingPort(t)
  const nodes = [{ port }, { host: '::1', port }]
  const named = `(127.0.0.1:${port}, [::1]:${port}) is not available: `
  const behind = createWorkplace(t, { redis: { sentinels: nodes, name: 'main', timeout: '50ms' } })
  t.match(await behind.run(['keys']), { code: 1, stderr: `Redis main of Sentinel ${named}` })
  const spread = createWorkplace(t, { redis: { cluster: nodes, timeout: '50ms' } })
  t.match(await spread.run(['keys']), { code: 1, stderr: `Redis Cluster ${named}` })
})
