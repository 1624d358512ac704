import { respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './cli/serving.ts'
import { startServer } from './start-server.ts'

test('an upstream that was never valid is a 500 without details', async (t) => {
  const origin = await startOrigin(t, respond('fine'))
  const { port, line, set } = await startServer(t, {
    'PROXY:a.example': { target: 'hidden.example', timeout: 5 },
    'PROXY:b.example': { target: origin.url }
  })
  for (const path of ['/', '/.well-known/acme-challenge/token']) {
    const { status, headers, text } = await ask(port, path)
    t.equal(status, 500)
    t.match(text, `<code>${String(headers['x-request-id'])}</code>`)
    t.notMatch(text, /hidden|PROXY|timeout|RLW/)
    t.match(await line({ request_id: headers['x-request-id'], msg: 'cannot serve' }), {
      content: { key: 'RLW:PROXY:a.example', mistake: /did you mean "timeouts"/ }
    })
  }
  t.match(await ask(port, '/', { host: 'b.example' }), { status: 200, text: 'fine' })
  await set('PROXY:a.example', { target: origin.url })
  t.match(await ask(port, '/'), { status: 200, text: 'fine' }, 'mended')
})

test('an invalid upstream of an entry is a 500, other entries are served', async (t) => {
  const { port, line } = await startServer(t, {
    'API:a.example': [
      ['^/api/', 'api'],
      ['^/', 'page']
    ],
    'API:a.example:api': { methods: { GET: true }, proxy: { target: 'ftp://hidden.example' } },
    'API:a.example:page': { methods: { GET: true } },
    'FILES:a.example:/page.txt': { content: 'a page' }
  })
  const { status, headers, text } = await ask(port, '/api/x')
  t.equal(status, 500)
  t.notMatch(text, /hidden|ftp|API|RLW/)
  t.match(await line({ request_id: headers['x-request-id'], msg: 'cannot serve' }), {
    content: { key: 'RLW:API:a.example:api', mistake: /proxy\.target/ }
  })
  t.match(await ask(port, '/page.txt'), { status: 200, text: 'a page' })
})
