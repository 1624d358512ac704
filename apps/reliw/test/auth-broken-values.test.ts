import { hash } from 'node:crypto'
import { test } from 'tap'
import { cookieOf, HOST, PASSWORD, startProtected } from './protected-site.ts'

const SECRET = 'what ada may read'
const FILES = {
  [`FILES:${HOST}:/private`]: { content: SECRET },
  [`FILES:${HOST}:/public.txt`]: { content: 'for all' }
}
const ENTRIES = { private: { auth: ['ada'] }, public: {} }
/** Wrong, and with something that nobody may see. */
const WRONG = {
  auth: { session_ttl: 'soon', jwt: { algorithms: ['HS256'], secret: 'tiny s3cret' } }
}

test('the last valid settings stay in force when they become invalid', async (t) => {
  const { logIn, send, set, line, log, visitor } = await startProtected(t, ENTRIES, FILES)
  const ada = cookieOf(await logIn())
  t.match(await send('GET', '/private', ada), /^HTTP\/1\.1 200 /)
  await set(`SITE:${HOST}`, WRONG)
  t.match(await send('GET', '/private', ada), /^HTTP\/1\.1 200 /)
  t.equal((await visitor().visit('/private')).status, 302)
  await logIn('bob')
  t.match(await line({ msg: 'stored value rejected' }), {
    level: 50,
    store: { key: `RLW:SITE:${HOST}`, mistake: /session_ttl/ }
  })
  t.notMatch(JSON.stringify(log), /s3cret/)
  await set(`SITE:${HOST}`, { auth: { cookie: 'other' } })
  t.match(await send('GET', '/private', ada), /^HTTP\/1\.1 302 /, 'good ones hold at once')
})

test('settings that were never valid admit nobody: they may have rules about clients', async (t) => {
  const values = { ...FILES, [`SITE:${HOST}`]: WRONG }
  const { visitor, send, line, log, set, logIn } = await startProtected(t, ENTRIES, values)
  for (const path of ['/private', '/private/none', '/login', '/logout', '/public.txt']) {
    const { status, text } = await visitor().visit(path)
    t.equal(status, 500, path)
    t.notMatch(text, /ada may|soon|s3cret|SITE|for all/, path)
  }
  t.match(await send('GET', '/private', `Cookie: rlw_session_token=${'x'.repeat(43)}`), /^\S+ 500 /)
  t.match(await line({ msg: 'cannot serve' }), { content: { key: `RLW:SITE:${HOST}` } })
  t.notMatch(JSON.stringify(log), /s3cret/)
  await set(`SITE:${HOST}`, undefined)
  t.match(await visitor().visit('/public.txt'), { status: 200, text: 'for all' })
  const ada = await logIn()
  t.match(await ada.visit('/private'), { status: 200, text: SECRET }, 'mended at once')
})

test('an entry with an invalid `auth` serves nothing', async (t) => {
  for (const auth of [
    { log_in: true },
    { users: 'ada' },
    { any: ['sesion'] },
    { any: [] },
    true,
    'ada'
  ]) {
    const { visitor, send, logIn } = await startProtected(t, { private: { auth } }, FILES)
    const responses = [await visitor().visit('/private'), await (await logIn()).visit('/private')]
    for (const { status, text } of responses) {
      t.equal(status, 500, JSON.stringify(auth))
      t.notMatch(text, SECRET)
    }
    t.match(await send('OPTIONS', '/private'), /^HTTP\/1\.1 500 /)
  }
})

test('an entry whose authentication method is not configured serves nothing', async (t) => {
  for (const way of ['jwt', 'forward']) {
    const entries = { private: { auth: { any: [way] } } }
    const { send, line } = await startProtected(t, entries, FILES)
    const response = await send('GET', '/private', 'Authorization: Bearer a.b.c')
    t.match(response, /^HTTP\/1\.1 500 /, way)
    t.notMatch(response, /ada may|says nothing/)
    t.match(await line({ msg: 'request failed' }), { content: { reason: new RegExp(`"${way}"`) } })
  }
})

test('an invalid user or session is admitted nowhere', async (t) => {
  const { logIn, set, visitor, line, log } = await startProtected(t, ENTRIES, FILES)
  const [ada, bob] = [await logIn(), await logIn('bob')]
  t.equal((await ada.visit('/private')).status, 200)
  await set(`USERS:${HOST}`, { ada: '{"pass": "$argon2id$broken", "secret": "s3cret"}' })
  t.equal((await ada.visit('/private')).status, 500)
  t.equal((await visitor().logIn('ada', PASSWORD)).status, 500)
  t.match(await line({ msg: 'cannot serve' }), { content: { key: `RLW:USERS:${HOST} ada` } })
  const id = hash('sha256', bob.session ?? '', 'base64url')
  await set(`SESSIONS:${HOST}:${id}`, '"ada"')
  t.not((await bob.visit('/private')).status, 200)
  t.notMatch(JSON.stringify(log), /s3cret/)
})
