import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/config.ts'
import { type Server, startServer } from './start-server.ts'

const VALUES = { WAF: { __: JSON.stringify({ query: ['attack'] }) } }
const CONFIG: Config = { auto_ban: { waf_blocks: { threshold: 2 } } }

async function attack({ app }: Server, remoteAddress: string): Promise<number> {
  const headers = { host: 'a.example' }
  return (await app.inject({ url: '/?attack', headers, remoteAddress })).statusCode
}

async function countVerdicts({ app }: Server): Promise<unknown> {
  const families = await app.metrics.snapshot()
  return families.find(({ name }) => name === 'reliw_waf_verdicts_total')?.samples[0]?.[1]
}

function isBanned({ app }: Server, address: string): boolean {
  return app.limits.bans?.list.has(address) === true
}

test('two servers in one process count, and ban for, their own requests only', async (t) => {
  const one = await startServer(t, VALUES, CONFIG)
  const other = await startServer(t, VALUES, CONFIG)
  for (let turn = 0; turn < 2; turn++) t.equal(await attack(one, '203.0.113.1'), 403)
  await waitFor(() => isBanned(one, '203.0.113.1'), 'the ban')
  // The other one has looked at all that came before once it has made a ban of its own.
  for (let turn = 0; turn < 2; turn++) t.equal(await attack(other, '203.0.113.2'), 403)
  await waitFor(() => isBanned(other, '203.0.113.2'), 'the ban of the other')
  t.equal(isBanned(other, '203.0.113.1'), false)
  t.equal(isBanned(one, '203.0.113.2'), false)
  t.strictSame([await countVerdicts(one), await countVerdicts(other)], [2, 2])
})
