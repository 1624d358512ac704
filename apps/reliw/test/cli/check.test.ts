import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'

t.test('a config without validation issues is reported as valid', async (t) => {
  const { run, dir } = createWorkplace(t)
  t.same(await run(['check']), { code: 0, stdout: 'reliw.json: valid\n', stderr: '' })
  const json = await run(['check', join(dir, 'reliw.json'), '--json'])
  t.same(json, { code: 0, stdout: '{"mistakes":[],"warnings":[]}\n', stderr: '' })
})

t.test('every validation issue is listed, and the exit code is 1', async (t) => {
  const { run, dir } = createWorkplace(t)
  const file = join(dir, 'wrong.json')
  writeFileSync(file, '{"prot": 1, "port": 70000, "redis": {"hots": "x"}}')
  const outcome = await run(['check', file])
  t.match(outcome, { code: 1, stdout: '' })
  const lines = outcome.stderr.trimEnd().split('\n')
  t.equal(lines.length, 3)
  t.ok(lines.every((line) => line.startsWith(`${file}: `)))
  t.match(outcome.stderr, /"prot": did you mean "port"\?/)
  t.match(outcome.stderr, /"hots": did you mean "host"\?/)
  const json = await run(['check', file, '--json'])
  t.match(json, { code: 1, stderr: '' })
  const { mistakes } = JSON.parse(json.stdout) as { mistakes: string[] }
  t.same(mistakes, lines)
  t.match(await run(['check', 'none.json']), { code: 1, stderr: /ENOENT/ })
})

t.test('--store checks stored values, too', async (t) => {
  const { run, reliw } = createWorkplace(t)
  await reliw('set', 'API:a.example', '[["/", "home"]]')
  await reliw('set', 'API:a.example:home', '{"methods":{"GET":true}}')
  t.match(await run(['check', '--store']), { code: 0 })
  await reliw('set', '--no-check', 'API:b.example', '{')
  await reliw('set', '--no-check', 'API:b.example:home', '{"methods":1,"atuh":2}')
  await reliw('set', '--no-check', 'USERS:b.example', 'joe', '{"pass":"secret"}')
  const outcome = await run(['check', '--store', '--json'])
  t.equal(outcome.code, 1)
  const { mistakes } = JSON.parse(outcome.stdout) as { mistakes: string[] }
  t.match(mistakes.toSorted(), [
    /^RLW:API:b.example: not valid JSON/,
    /^RLW:API:b.example:home: .*methods.*atuh/,
    /^RLW:USERS:b.example joe: salt/
  ])
  t.notMatch(outcome.stdout, 'secret')
})

t.test('settings for proxies in front have no effect without trusted proxies', async (t) => {
  const { run, dir } = createWorkplace(t)
  const file = join(dir, 'behind.json')
  const check = async (config: object): Promise<string[]> => {
    writeFileSync(file, JSON.stringify(config))
    const { mistakes } = JSON.parse((await run(['check', file, '--json'])).stdout) as {
      mistakes: string[]
    }
    return mistakes.map((line) => line.replace(`${file}: `, '').replace(`${dir}/`, ''))
  }
  const behind = { proxy_protocol: 'optional', client_ip_header: 'CF-Connecting-IP' }
  t.same(await check(behind), [
    'proxy_protocol: no effect without "trusted_proxies"',
    'client_ip_header: no effect without "trusted_proxies"'
  ])
  t.same(await check({ ...behind, trusted_proxies: ['private'] }), [])
  t.match(await check({ trusted_proxies: ['cloudfare'] }), [/one of .*"cloudflare"/])
  const published = join(dir, 'proxies.json')
  t.match(await check({ trusted_proxies: ['private'], trusted_proxies_file: published }), [
    'trusted_proxies_file: no effect without "cloudflare" in "trusted_proxies"'
  ])
  const cloudflare = { trusted_proxies: ['cloudflare'], trusted_proxies_file: published }
  t.same(await check(cloudflare), [], 'the file does not have to exist')
  writeFileSync(published, '{}')
  t.match(await check(cloudflare), [/^proxies\.json: /, /reliw trusted-proxies refresh/])
})
