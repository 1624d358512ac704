import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createWorkplace } from './run-cli.ts'
import { ask } from './serving.ts'

const HOST = 'a.example'
const GET = { methods: { GET: true } }
const POST = { methods: { GET: true, POST: true } }
const LOGIN = { ...POST, auth: { login: true } }
const MEMBERS = { ...GET, auth: { any: ['session'] } }
const JWT = { ...GET, auth: { any: ['jwt'] } }
const FORWARD = { ...GET, auth: { any: ['session', 'forward'] } }
const SETTINGS = { auth: { forward: { url: 'http://127.0.0.1:9/' } } }
const SECRET = { auth: { jwt: { algorithms: ['HS256'], secret: 'x'.repeat(32) } } }
const ALL = [['^/', 'app']]

const NO_JWT = `RLW:API:${HOST}:app: auth.any: "jwt" requires auth.jwt in RLW:SITE:${HOST}\n`
const NO_FORWARD = `RLW:API:${HOST}:app: auth.any: "forward" requires auth.forward in RLW:SITE:${HOST}\n`
const REDIRECT_LOOP =
  `RLW:API:${HOST}:app: auth: the entry serves the login page /login as well, which causes a redirect loop: ` +
  'give /login a route to an entry with auth {"login": true}\n'
const NO_LOGIN = `RLW:API:${HOST}:app: auth: nobody can log in: /login has no route to an entry with auth {"login": true}\n`

t.test(
  '`set` refuses a rule without the settings that it needs, whichever comes last',
  async (t) => {
    const { run, reliw } = createWorkplace(t)
    const set = async (key: string, value: unknown) => run(['set', key, JSON.stringify(value)])
    t.match(await set(`API:${HOST}:app`, JWT), { code: 1, stderr: NO_JWT })
    t.match(await set(`API:${HOST}:app`, FORWARD), { code: 1, stderr: NO_FORWARD })
    t.equal(await reliw('keys'), '', 'nothing was written')
    t.equal((await set(`SITE:${HOST}`, SETTINGS)).code, 0)
    t.match(await set(`API:${HOST}:app`, JWT), { code: 1, stderr: NO_JWT })
    t.equal((await set(`API:${HOST}:app`, FORWARD)).code, 0)
    t.match(await set(`SITE:${HOST}`, SECRET), { code: 1, stderr: NO_FORWARD })
    const own = { ...GET, auth: { any: [{ jwt: SECRET.auth.jwt }] } }
    t.equal((await set(`API:${HOST}:app`, own)).code, 0, 'with settings of its own')
    t.equal((await set(`SITE:${HOST}`, {})).code, 0)
  }
)

t.test('`set` refuses a login page that requires a login', async (t) => {
  const { run } = createWorkplace(t)
  const set = async (key: string, value: unknown) => run(['set', key, JSON.stringify(value)])
  t.equal((await set(`API:${HOST}:app`, MEMBERS)).code, 0, 'routes may follow')
  t.match(await set(`API:${HOST}`, ALL), { code: 1, stderr: REDIRECT_LOOP })
  t.equal((await set(`API:${HOST}`, [['/login', 'login', true], ...ALL])).code, 0)
  t.match(await set(`API:${HOST}:login`, MEMBERS), {
    code: 1,
    stderr: /:login: auth: the entry serves the login page/
  })
  t.equal((await set(`API:${HOST}:login`, LOGIN)).code, 0)
  const elsewhere = await set(`SITE:${HOST}`, { auth: { login_path: '/sign-in' } })
  t.match(elsewhere, {
    code: 1,
    stderr: /:app: auth: the entry serves the login page \/sign-in as well/
  })
})

t.test('`check --store` finds both, and a host where nobody can log in', async (t) => {
  const { run, reliw } = createWorkplace(t)
  const set = async (key: string, value: unknown) =>
    reliw('set', '--no-check', key, JSON.stringify(value))
  await set(`API:${HOST}:app`, FORWARD)
  await set(`API:${HOST}`, ALL)
  t.match(await run(['check', '--store']), { code: 1, stderr: NO_FORWARD })
  await set(`SITE:${HOST}`, SETTINGS)
  const loop = await run(['check', '--store'])
  t.match(loop, { code: 1, stderr: REDIRECT_LOOP })
  t.equal(loop.stderr.split(REDIRECT_LOOP).length, 2, 'once')
  await set(`API:${HOST}`, [['^/app', 'app']])
  t.match(await run(['check', '--store']), { code: 0, stderr: `warning: ${NO_LOGIN}` })
  await set(`API:${HOST}:login`, LOGIN)
  await set(`API:${HOST}`, [['^/log', 'login'], ...ALL])
  t.strictSame(await run(['check', '--store']), {
    code: 0,
    stdout: 'reliw.json: valid\n',
    stderr: ''
  })
})

t.test('`import` refuses the same, and warns of a site where nobody can log in', async (t) => {
  const { run, dir } = createWorkplace(t)
  const folder = join(dir, HOST)
  mkdirSync(folder)
  const load = async (document: object) => {
    writeFileSync(join(folder, 'site.json'), JSON.stringify(document))
    return run(['import', folder])
  }
  t.match(await load({ routes: ALL, entries: { app: JWT } }), { code: 1, stderr: NO_JWT })
  t.match(await load({ routes: ALL, entries: { app: MEMBERS } }), {
    code: 1,
    stderr: REDIRECT_LOOP
  })
  const routes = [['^/app', 'app']]
  t.match(await load({ routes, entries: { app: MEMBERS } }), {
    code: 0,
    stderr: `warning: ${NO_LOGIN}`
  })
  const settings = { auth: { ...SECRET.auth, login_path: '/app/in' } }
  const entries = { app: { ...GET, auth: { any: ['session', 'jwt'] } }, in: LOGIN }
  t.match(await load({ settings, routes: [['/app/in', 'in', true], ...routes], entries }), {
    code: 0,
    stderr: ''
  })
})

t.test('a stored site like that responds with 500, and the log says what to do', async (t) => {
  const { reliw, serve } = createWorkplace(t)
  await reliw('set', '--no-check', `API:${HOST}`, JSON.stringify(ALL))
  await reliw('set', '--no-check', `API:${HOST}:app`, JSON.stringify(MEMBERS))
  const { port, line, stop } = await serve()
  t.equal((await ask(port, '/minutes')).status, 302)
  t.equal((await ask(port, '/login?next=%2Fminutes')).status, 500)
  const reason =
    'the login page /login requires a login: give /login a route to an entry with auth {"login": true}'
  t.match(await line({ msg: 'request failed' }), { level: 50, content: { reason } })
  t.equal(await stop(), 0)
})
