import { rawRequest } from '@reliw/testing'
import t, { type Test } from 'tap'
import { returnPath } from '../src/login/return-path.ts'
import { Browser, fieldOf } from './browser.ts'
import { HOSTILE_PATHS, ODD_PATHS } from './hostile-paths.ts'
import { type RunningApp, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

const EVERYTHING = { '/*': {} }
const shown = (path: string): string => encodeURIComponent(path).slice(0, 60)

async function start(t: Test): Promise<RunningApp> {
  return startApp(t, { users: { ada: await userOf('pw') } }, EVERYTHING)
}

/** Whether a browser that is led there from a site stays on that site. */
function staysOn(origin: string, location: string | undefined): boolean {
  if (location === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(location)) return false
  return new URL(location, `${origin}/login`).origin === origin
}

t.test('nothing that may lead elsewhere is a path to return to', async (t) => {
  t.ok(HOSTILE_PATHS.length >= 40)
  for (const path of HOSTILE_PATHS) t.equal(returnPath(path), '/', shown(path))
  for (const path of ODD_PATHS) {
    t.equal(returnPath(path), path, shown(path))
    t.ok(staysOn('https://a.example', path), shown(path))
  }
  t.equal(returnPath(undefined), '/')
  t.equal(returnPath(null), '/')
})

t.test('a login leads to its own site, wherever the address of its page leads', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  for (const [paths, isKept] of [
    [HOSTILE_PATHS, false],
    [ODD_PATHS, true]
  ] as const) {
    for (const path of paths) {
      const page = await browser.visit(`/login?next=${encodeURIComponent(path)}`)
      t.equal(page.status, 200, shown(path))
      t.equal(fieldOf(page, 'next'), isKept ? path : '/', shown(path))
    }
  }
})

t.test('a login leads to its own site, whatever its form says', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const page = await browser.visit('/login')
  // A login costs a hash, so not with all of them: the next test has them all.
  for (const next of [...HOSTILE_PATHS.filter((_, n) => n % 3 === 0), ...ODD_PATHS]) {
    const fields = { login: 'ada', password: 'pw', next }
    const response = await browser.submit(page, fields)
    t.equal(response.status, 303, shown(next))
    t.equal(response.location, ODD_PATHS.includes(next) ? next : '/', shown(next))
    t.ok(staysOn(origin, response.location), shown(next))
    t.equal(response.setCookies.length, 1)
  }
})

t.test('a wrong password leads nowhere else either', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const page = await browser.visit('/login')
  for (const next of HOSTILE_PATHS) {
    const response = await browser.submit(page, { login: '', password: '', next })
    t.equal(response.status, 401)
    t.equal(fieldOf(response, 'next'), '/', shown(next))
    t.notMatch(response.text, /evil\.example/)
  }
})

t.test(
  'a protected page redirects to the login page of its own site, whatever its path',
  async (t) => {
    const { origin, port } = await start(t)
    for (const path of [...HOSTILE_PATHS, ...ODD_PATHS]) {
      const target = Buffer.from(path.startsWith('/') ? path : `/${path}`).toString('latin1')
      const bytes = `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`
      const response = await rawRequest(port, bytes)
      const [head = ''] = response.split('\r\n\r\n')
      const locations = [...head.matchAll(/^location: (.*)$/gim)].map(([, location]) => location)
      if (!head.startsWith('HTTP/1.1 302 ')) {
        t.match(head, /^HTTP\/1\.1 (400|403|414|431) /, shown(path))
        t.same(locations, [])
        continue
      }
      t.equal(locations.length, 1)
      const location = new URL(locations[0] ?? '', origin)
      t.ok(staysOn(origin, locations[0]), shown(path))
      t.equal(location.pathname, '/login')
      t.ok(staysOn(origin, location.searchParams.get('next') ?? '/'), shown(path))
      t.notMatch(head, /^(?:set-cookie|x-injected):/im)
    }
  }
)

t.test('nor does the site that a request line names matter', async (t) => {
  const { port } = await start(t)
  for (const target of ['http://evil.example/private', 'https://evil.example//x', 'http://[']) {
    const bytes = `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`
    const response = await rawRequest(port, bytes)
    t.match(response, /^HTTP\/1\.1 (302|400) /, target)
    t.notMatch(response, /^location: (?!\/login(?:\r|$))/im, target)
  }
})

t.test('the login page is served for request targets that are not valid URLs', async (t) => {
  const { port } = await startApp(t, {}, { '/*': { login: true } })
  for (const [target, next] of [
    ['//[', '/'],
    ['//[?next=/private', '/private'],
    ['//evil.example:x?next=//evil.example', '/'],
    ['/?next=/a&next=//evil.example', '/a'],
    ['/?next=%ff', '/'],
    ['/?', '/'],
    ['/??next=/a', '/']
  ] as const) {
    const bytes = `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`
    const response = await rawRequest(port, bytes)
    t.match(response, /^HTTP\/1\.1 200 /, target)
    t.ok(response.includes(`name="next" value="${next}"`), target)
  }
})
