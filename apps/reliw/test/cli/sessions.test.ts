import t from 'tap'
import { HOST } from '../protected-site.ts'
import { createAuthPlace } from './auth-place.ts'

const place = await createAuthPlace(t)
const { run, reliw, logIn, audit, written, served } = place
const [first, second, third] = [await logIn(), await logIn(), await logIn()]
const bob = await logIn('bob')

/** Whether each of the browsers is still logged in. */
async function statuses(): Promise<number[]> {
  const responses = [first, second, third, bob].map(async (browser) => browser.visit('/private'))
  return (await Promise.all(responses)).map(({ status }) => status)
}

interface Listed {
  sessions: { id: string; user: string; left: number }[]
}

let ids: string[] = []
await t.test('sessions are listed with their users, and without secrets', async (t) => {
  const [table, json, ofBob] = await Promise.all([
    reliw('sessions', 'list', HOST),
    reliw('sessions', 'list', HOST, '--json'),
    reliw('sessions', 'list', HOST, '--json', '--user', 'bob')
  ])
  const lines = table.trim().split('\n')
  t.match(lines[0], /^id +user +since +left +address +client$/)
  t.equal(lines.length, 5)
  t.match(lines[1], /^[\w-]{43} +bob +\d{4}-\S+Z +(3h|2h 59m) +127\.0\.0\.1 +node$/, 'newest first')
  const { sessions } = JSON.parse(json) as Listed
  t.match(sessions.slice(1), [
    { user: 'ada', groups: ['staff'], second_factor: false, issuer: null, address: HOST },
    { user: 'ada' },
    { user: 'ada' }
  ])
  t.ok(sessions.every(({ left }) => left > 10_000 && left <= 10_800))
  ids = sessions.filter(({ user }) => user === 'ada').map(({ id }) => id)
  t.strictSame(
    (JSON.parse(ofBob) as Listed).sessions.map(({ user }) => user),
    ['bob']
  )
  for (const { session } of [first, second, third, bob])
    t.notOk(written().includes(session ?? 'none'), 'no token is shown')
})

await t.test('a revoked session ends at the next request, the others stay', async (t) => {
  t.strictSame(await statuses(), [200, 200, 200, 200])
  const [, middle = ''] = ids
  t.equal(await reliw('sessions', 'revoke', HOST, middle), '1 session ended.\n')
  t.strictSame(await statuses(), [200, 302, 200, 200])
  t.match(await audit('revoke'), { vhost: HOST, user: 'ada' })
  t.match(await run(['sessions', 'revoke', HOST, middle]), {
    code: 1,
    stdout: '',
    stderr: `No such session: \`reliw sessions list ${HOST}\` lists them.\n`
  })
})

await t.test('all sessions of a user, or of the site, can be revoked', async (t) => {
  t.equal(await reliw('sessions', 'revoke', HOST, '--user', 'ada'), '2 sessions ended.\n')
  t.strictSame(await statuses(), [302, 302, 302, 200])
  const again = await logIn()
  t.equal(await reliw('sessions', 'revoke', HOST, '--all'), '2 sessions ended.\n')
  t.strictSame(await statuses(), [302, 302, 302, 302])
  t.equal((await again.visit('/private')).status, 302)
  const [list, json, nobody] = await Promise.all([
    reliw('sessions', 'list', HOST),
    reliw('sessions', 'list', HOST, '--json'),
    run(['sessions', 'revoke', HOST, '--all'])
  ])
  t.strictSame([list, json], [`${HOST} has no sessions.\n`, '{"sessions":[]}\n'])
  t.match(nobody, {
    code: 1,
    stderr: `No such session: \`reliw sessions list ${HOST}\` lists them.\n`
  })
  t.equal(await served.stop(), 0)
})
