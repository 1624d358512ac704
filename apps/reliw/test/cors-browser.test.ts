// What a browser makes of the preset `cors`: a page of one origin reads what a site of another one has.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { newApiKey } from '@reliw/auth'
import {
  portOf,
  respond,
  spawnGuarded,
  startOrigin,
  tempDir,
  type TestContext
} from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)
const skip = browser === undefined ? `none of ${BROWSERS.join(', ')} is installed` : false

/** What the page does: each is an expression whose value, or error, is reported. */
const STEPS = {
  read: "fetch(site + '/page').then(async (r) => [r.status, await r.text(), r.headers.get('x-shown'), r.headers.get('x-hidden')])",
  put: "fetch(site + '/api', { method: 'PUT', credentials: 'include', headers: { 'x-token': '1' }, body: 'sent' }).then((r) => r.text())",
  notFound: "fetch(site + '/none').then((r) => r.status)",
  unauthenticated: "fetch(site + '/secret', { credentials: 'include' }).then((r) => r.status)",
  authenticated: "fetch(site + '/keys', { headers: { 'x-api-key': key } }).then((r) => r.text())",
  method: "fetch(site + '/api', { method: 'DELETE' }).then((r) => r.status)",
  header: "fetch(site + '/api', { headers: { 'x-other': '1' } }).then((r) => r.status)",
  off: "fetch(site + '/off').then((r) => r.status)"
}

/** Opens a page that does the steps, in a browser, and returns what it reports. */
async function browse(
  t: TestContext,
  host: string,
  known: { site: string; key: string }
): Promise<unknown> {
  const page = createServer()
  page.listen(0, '127.0.0.1')
  await once(page, 'listening')
  const steps = Object.entries(STEPS).map(([name, code]) => `${name}: await tried(() => ${code})`)
  const script = `
    const { site, key } = ${JSON.stringify(known)}
    const tried = (step) => step().catch((error) => error.name)
    const report = { ${steps.join(', ')} }
    await fetch('/report', { method: 'POST', body: JSON.stringify(report) })`
  const { promise: report, resolve, reject } = Promise.withResolvers<unknown>()
  page.on('request', (request, response) => {
    if (request.url === '/report') text(request).then((sent) => resolve(JSON.parse(sent)), reject)
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>page</title><script type="module">${script}</script>`)
  })
  const child = spawnGuarded(
    browser ?? '',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--remote-debugging-port=0',
      `--user-data-dir=${tempDir(t)}`,
      `http://${host}:${portOf(page)}/`
    ],
    { stdio: 'ignore' }
  )
  child.once('exit', (code) => reject(new Error(`the browser ended with ${code}`)))
  child.once('error', reject)
  try {
    return await report
  } finally {
    const ended = once(child, 'exit')
    child.kill()
    await ended
    page.closeAllConnections()
    page.close()
  }
}

test(
  'a browser lets a page of an allowed origin read a site, and no other',
  { skip },
  async (t) => {
    const origin = await startOrigin(t, async (request, connection) => {
      await respond(`${request.method} ${(await request.body).toString()}`)(request, connection)
    })
    const { key, hash } = newApiKey()
    const { port } = await startServer(t, {
      'SITE:127.0.0.1': {
        headers: {
          response: { set: { 'x-shown': 'yes', 'x-hidden': 'yes' } },
          cors: {
            origins: ['http://localhost:*'],
            methods: ['GET', 'PUT'],
            headers: ['x-token', 'x-api-key'],
            exposed_headers: ['x-shown'],
            credentials: true
          }
        }
      },
      'KEYS:127.0.0.1': {
        [hash]: '{"user":"ada"}'
      },
      'API:127.0.0.1': ['page', 'api', 'secret', 'keys', 'off'].map((id) => [`^/${id}`, id]),
      'API:127.0.0.1:page': { methods: { GET: true }, file: '/page.txt' },
      'API:127.0.0.1:api': { methods: { GET: true, PUT: true }, proxy: { target: origin.url } },
      'API:127.0.0.1:secret': { methods: { GET: true }, auth: { any: ['api_key'] } },
      'API:127.0.0.1:keys': {
        methods: { GET: true },
        file: '/page.txt',
        auth: { any: ['api_key'] }
      },
      'API:127.0.0.1:off': {
        methods: { GET: true },
        file: '/page.txt',
        headers: { cors: false }
      },
      'FILES:127.0.0.1:/page.txt': { content: 'content' }
    })
    const known = { site: `http://127.0.0.1:${port}`, key }
    t.strictSame(await browse(t, 'localhost', known), {
      read: [200, 'content', 'yes', null],
      put: 'PUT sent',
      notFound: 404,
      unauthenticated: 401,
      authenticated: 'content',
      method: 'TypeError',
      header: 'TypeError',
      off: 'TypeError'
    })
    const refused = Object.fromEntries(Object.keys(STEPS).map((name) => [name, 'TypeError']))
    t.strictSame(await browse(t, '127.0.0.1', known), refused)
    t.strictSame(
      origin.requests.map(({ method }) => method),
      ['PUT'],
      'what was refused was not sent to the origin'
    )
  }
)
