import { startRedis } from '@reliw/testing'
import t from 'tap'
import { contract, openFor } from './contract.ts'

t.test('a standalone Redis keeps the contract', async (t) => {
  const { host, port } = await startRedis(t)
  await contract(t, () => openFor(t, { redis: { host, port } }))
})

t.test('a Redis behind TLS and a password keeps the contract', async (t) => {
  const redis = await startRedis(t, { tls: true, password: 'secret' })
  const { host, port } = redis
  const options = {
    redis: { host, port, auth: 'secret', ssl: { ca: redis.caFile, servername: 'localhost' } }
  }
  await contract(t, () => openFor(t, options))
})
