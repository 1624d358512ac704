import { test } from 'tap'
import { createWorkplace } from './run-cli.ts'
import { addSite, ask } from './serving.ts'

test('maintenance begins, is changed and ends at the command line', async (t) => {
  const workplace = createWorkplace(t)
  const { run, reliw } = workplace
  await addSite(workplace)
  await reliw('set', 'FILES:a.example:/x.txt', 'content', 'a page')
  await reliw('set', 'SITE:a.example', '{"unsafe_html":true}')
  const { port } = await workplace.serve()
  const on = ['maintenance', 'on', 'A.example', '--message', '<p>Soon.</p>', '--retry-after', '1m']
  t.match(await run(on), { code: 0, stdout: 'a.example: in maintenance\n', stderr: '' })
  const closed = await ask(port, '/x.txt')
  t.match(closed, { status: 503, headers: { 'retry-after': '60' }, text: '<p>Soon.</p>' })
  t.match(await run(['maintenance', 'on', 'a.example', '--allow-from', '127.0.0.1']), { code: 0 })
  t.match(JSON.parse((await run(['get', 'SITE:a.example'])).stdout), {
    unsafe_html: true,
    maintenance: { message: '<p>Soon.</p>', retry_after: '1m', allow_from: '127.0.0.1' }
  })
  t.match(await ask(port, '/x.txt'), { status: 200 })
  t.match(await run(['check', '--store']), { code: 0 })

  const off = ['maintenance', 'off', 'a.example']
  t.match(await run(off), { code: 0, stdout: 'a.example: no longer in maintenance\n' })
  t.same(JSON.parse((await run(['get', 'SITE:a.example'])).stdout), { unsafe_html: true })
  t.match(await run(off), { code: 1, stderr: 'a.example is not in maintenance.' })
})

test('mistakes are refused, and change nothing', async (t) => {
  const workplace = createWorkplace(t)
  const { run, reliw } = workplace
  const on = async (...args: string[]): Promise<object> => run(['maintenance', 'on', ...args])
  t.match(await on('a.example'), {
    code: 1,
    stderr: 'a.example is not served: there is neither API:a.example nor PROXY:a.example.'
  })
  await addSite(workplace)
  t.match(await on('a b'), { code: 1, stderr: 'not a valid host' })
  t.match(await on('a.example', '--hold', '1h'), {
    code: 1,
    stderr: /maintenance.hold: at most "5m"/
  })
  t.match(await on('a.example', '--hold', 'x'), {
    code: 1,
    stderr: /maintenance.hold: expected sec/
  })
  t.match(await on('a.example', '--retry-after', '0'), { code: 1, stderr: /retry_after/ })
  t.match(await on('a.example', '--allow-from', 'x'), { code: 1, stderr: /allow_from/ })
  t.match(await run(['get', 'SITE:a.example']), { code: 1 })
  await reliw('set', '--no-check', 'SITE:a.example', '[]')
  t.match(await on('a.example'), { code: 1, stderr: /SITE:a.example is not a JSON object/ })
  await reliw('set', '--no-check', 'SITE:a.example', '{"maintenance":{},"unsafe":1}')
  t.match(await run(['maintenance', 'off', 'a.example']), { code: 1, stderr: /unsafe/ })
  await reliw('set', 'SITE:a.example', '{"maintenance":{}}')
  t.match(await run(['maintenance', 'off', 'a.example']), { code: 0 })
  t.match(await run(['get', 'SITE:a.example']), { code: 1 }, 'nothing is left')
})
