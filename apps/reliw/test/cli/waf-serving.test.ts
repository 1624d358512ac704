import t from 'tap'
import { createWorkplace } from './run-cli.ts'
import { addSite, ask } from './serving.ts'

const place = createWorkplace(t)
const { run, reliw, serve } = place
await addSite(place)
await reliw('set', 'FILES:a.example:/x', 'content', 'text')
const { port, line, log, stop } = await serve()

const statusOf = async (path: string, headers?: Record<string, string>): Promise<number> =>
  (await ask(port, path, headers)).status

await t.test('rules that are set hold for the next request of a running server', async (t) => {
  t.equal(await statusOf('/x?attack'), 200)
  await reliw('waf', 'set', 'a.example', '{"query":["attack","größe"]}')
  t.same([await statusOf('/x?attack'), await statusOf('/x')], [403, 200])
  t.equal(await statusOf('/x?gr%C3%B6%C3%9Fe'), 403)
  await reliw('waf', 'set', '__', '{"headers":{"Host":["^a%."]}}')
  t.equal(await statusOf('/x'), 403)
  await reliw('del', 'WAF', '__')
  await reliw('waf', 'set', 'a.example', '{"query":["other"]}')
  t.same([await statusOf('/x?attack'), await statusOf('/x?other')], [200, 403])
})

await t.test('an audit line says whose rules were set', async (t) => {
  const found = await line({ audit: true, vhost: '__' })
  t.match(found, { msg: 'audit', event: 'waf rules set', by: 'cli' })
  t.equal((await run(['waf', 'set', 'a.example', '{"mode":"on"}'])).code, 1)
  await reliw('waf', 'set', 'b.example', '{}')
  await line({ audit: true, vhost: 'b.example' })
  const ofA = log.filter(({ msg, vhost }) => msg === 'audit' && vhost === 'a.example')
  t.equal(ofA.length, 2, 'not what was refused')
})

await t.test('what is tested is what the server does', async (t) => {
  const rules = { query: ['^/[%w/]*%.php', '[\'"]%s*or%s'], headers: { host: ['^b%.'] } }
  await reliw('waf', 'set', '__', JSON.stringify(rules))
  const targets = ['/x.p%68p', "/x?q='+or+1", '/x']
  const compared = targets.map(async (target) => {
    const said = await reliw('waf', 'test', '--host', 'a.example', '--url', target)
    const isBlocked = (await statusOf(target, { host: 'a.example' })) === 403
    t.equal(said.includes('Blocked by'), isBlocked, `${target}: ${said}`)
  })
  await Promise.all(compared)
})

t.test('a server that ends says nothing wrong of rules', async (t) => {
  await line({ msg: 'waf' })
  t.equal(await stop(), 0)
  t.notOk(log.some(({ level }) => Number(level) >= 50))
})
