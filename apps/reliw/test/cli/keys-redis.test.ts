import { startRedis } from '@reliw/testing'
import t from 'tap'
import { keyCommands } from './key-commands.ts'
import { createWorkplace } from './run-cli.ts'

const redis = await startRedis(t)
await keyCommands(t, createWorkplace(t, { redis: { port: redis.port } }))

t.test('a Redis that does not respond is named', async (t) => {
  const { run } = createWorkplace(t, { redis: { port: 1 } })
  t.match(await run(['keys']), { code: 1, stdout: '', stderr: '(reliw.json: 127.0.0.1:1)' })
})
