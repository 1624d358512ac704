import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Cluster, Redis } from 'ioredis'
import t from 'tap'
import {
  rawRequest,
  redisHasTls,
  startCluster,
  startRedis,
  startSentinel,
  tempDir,
  waitFor
} from '../src/index.ts'

t.test('a server responds, ends in order, and starts again on its port, empty', async (t) => {
  const redis = await startRedis(t)
  t.equal(await redis.command('SET', 'a', 1), 'OK')
  t.equal(await redis.command('GET', 'a'), '1')
  await redis.stop()
  t.equal(redis.pid, undefined)
  await redis.restart()
  t.equal(await redis.command('GET', 'a'), null)
  await t.rejects(redis.command('GET'), /wrong number of arguments/)
})

t.test('a server ends with its test', async (t) => {
  let pid = 0
  await t.test('the test', async (t) => {
    const redis = await startRedis(t)
    pid = redis.pid ?? 0
    redis.pause()
  })
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

const onLinux = process.platform === 'linux' ? false : 'needs a Linux with setpriv'
t.test('a server ends with a test that is killed', { skip: onLinux }, async (t) => {
  const module = import.meta.resolve('../src/index.ts')
  const source = `const { startRedis } = await import('${module}')
    console.log((await startRedis()).port)
    setInterval(() => {}, 1000)`
  const env = { ...process.env, TMPDIR: tempDir(t) }
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { env })
  const [output] = await once(child.stdout, 'data')
  const port = Number(output)
  t.equal(await rawRequest(port, 'PING\r\n', { until: '\n' }), '+PONG\r\n')
  child.kill('SIGKILL')
  await waitFor(() => rawRequest(port, '', { until: '\n' }).catch(hasRefused), 'its end')
})

t.test('a paused server responds once it is resumed', async (t) => {
  const redis = await startRedis(t)
  await redis.command('PING')
  redis.pause()
  const answer = redis.command('PING')
  redis.resume()
  t.equal(await answer, 'PONG')
})

t.test('a server with a password refuses clients without it', async (t) => {
  const redis = await startRedis(t, { password: 'p@ss' })
  t.equal(await redis.command('PING'), 'PONG')
  const refusal = await rawRequest(redis.port, 'PING\r\n', { until: '\r\n' })
  t.match(refusal, '-NOAUTH')
  const known = new Redis(redis.url)
  t.teardown(() => known.disconnect())
  t.equal(await known.ping(), 'PONG')
})

const noTls = redisHasTls() ? false : 'this redis-server was built without TLS'
t.test('a server with TLS is trusted by its authority only', { skip: noTls }, async (t) => {
  const redis = await startRedis(t, { tls: true })
  t.equal(await redis.command('PING'), 'PONG')
  t.ok(existsSync(redis.caFile ?? ''))
  const client = new Redis({ ...redis.options, tls: { ca: [] }, retryStrategy: () => null })
  const refused = new Promise((resolve) => void client.once('error', resolve))
  t.match(await refused, { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
  client.disconnect()
})

t.test('a cluster serves keys of all slots, each from its own master', async (t) => {
  const { nodes, startupNodes } = await startCluster(t, { replicas: 1 })
  t.equal(nodes.length, 6)
  const cluster = new Cluster(startupNodes)
  t.teardown(() => cluster.disconnect())
  const keys = Array.from({ length: 50 }, (_, n) => `key:${n}`)
  await Promise.all(keys.map((key) => cluster.set(key, key)))
  t.same(await Promise.all(keys.map((key) => cluster.get(key))), keys)
  const sizes = nodes.slice(0, 3).map((node) => node.command('DBSIZE'))
  t.ok((await Promise.all(sizes)).every((size) => Number(size) > 0))
  t.match(await nodes[3]?.command('ROLE'), ['slave'])
})

t.test('sentinels name the master, and its successor after a failover', async (t) => {
  const { failover, replica, sentinels, name } = await startSentinel(t, { sentinels: 2 })
  const client = new Redis({ sentinels, name })
  t.teardown(() => client.disconnect())
  await client.set('a', '1')
  await waitFor(async () => (await replica.command('GET', 'a')) === '1', 'the replication')
  await failover()
  t.match(await replica.command('ROLE'), ['master'])
  t.equal(await replica.command('GET', 'a'), '1')
})

function hasRefused({ cause }: { cause?: { code?: string } }): boolean {
  return cause?.code === 'ECONNREFUSED'
}
