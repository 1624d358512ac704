import { startRedis } from '@reliw/testing'
import t from 'tap'
import { keyCommands } from './key-commands.ts'
import { createWorkplace } from './run-cli.ts'

const redis = await startRedis(t)
await keyCommands(t, createWorkplace(t, { redis: { port: redis.port } }))

t.test('a Redis that does not respond is named', async (t) => {
  const { run } = createWorkplace(t, { redis: { port: 1 } })
  const stderr =
    'reliw.json: Redis (redis://127.0.0.1:1/13) is not available: connect ECONNREFUSED 127.0.0.1:1\n'
  t.strictSame(await run(['keys']), { code: 1, stdout: '', stderr })
})
