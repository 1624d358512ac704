import type { RawClient } from '@reliw/testing'
import { test } from 'tap'
import { dribble, open } from '../../../packages/limits/test/slow-server.ts'
import { beginPost, startImpatient } from './start-impatient.ts'

// An average is not looked at before ten seconds are over: this file takes longer than others.
test('a body that arrives too slowly ends with 408 if a handler waits for it', async (t) => {
  const { port, line, log } = await startImpatient(t, { min_body_rate: '200B' })
  const begin = (path: string, bytes: string): RawClient => {
    const client = open(t, port)
    client.write(beginPost(path))
    dribble(client, bytes, 50)
    return client
  }
  begin('/api/fast', 'a'.repeat(20))
  for (const client of [begin('/api/slow', 'a'), begin('/login', 'a')]) {
    t.match(await client.read('408 Request Timeout\n'), /^HTTP\/1\.1 408 /)
    client.destroy()
  }
  for (const path of ['/api/slow', '/login'])
    t.match(await line({ msg: 'request', path }), { status: 408, aborted: true })
  t.notOk(
    log.some(({ path }) => path === '/api/fast'),
    'one that is faster may go on'
  )
})
