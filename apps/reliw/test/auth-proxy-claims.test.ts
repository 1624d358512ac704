import { test } from 'tap'
import { cookieOf } from './protected-site.ts'
import { startIdentityUpstream } from './start-identity-upstream.ts'

/** Ways in which clients may say who they are. */
const CLAIMS = [
  'Remote-User: root',
  'remote-user: root',
  'REMOTE-USER: root',
  'REMOTE_USER: root',
  'Remote_User: root',
  'remote_user: root',
  'Remote.User: root',
  'Remote~User: root',
  'Remote-Groups: wheel',
  'Remote_Groups: wheel',
  'Remote-Name: Root',
  'Remote-Email: root@example.com',
  'Remote_Email: root@example.com'
]

test('identity headers of a client reach no origin', async (t) => {
  const { logIn, send, told, upstream } = await startIdentityUpstream(t)
  const ada = { 'remote-user': 'ada', 'remote-groups': 'staff' }
  const cookie = cookieOf(await logIn())
  for (const claim of CLAIMS) {
    const name = claim.split(':', 1)[0]
    for (const lines of [[claim], [claim, claim], [claim, `Connection: ${name}`]]) {
      await send('GET', '/private/x', cookie, ...lines)
      t.strictSame(told(), ada, lines.join())
      await send('GET', '/public', ...lines)
      t.strictSame(told(), {}, `${lines.join()}, where nobody is asked`)
    }
  }
  t.equal(upstream.requests.length, CLAIMS.length * 6)
  await send('GET', '/private/x', cookie, ...CLAIMS, 'Connection: Remote-User, Remote-Groups')
  t.strictSame(told(), ada, 'all at once')
  t.match(await send('GET', '/private/x', ...CLAIMS), /^HTTP\/1\.1 401 /, 'they prove nothing')
})

test('identity headers of a trusted proxy are forwarded only for entries without a rule', async (t) => {
  const { logIn, send, told } = await startIdentityUpstream(t, { trusted_proxies: ['127.0.0.0/8'] })
  await send('GET', '/public', 'Remote-User: eve', 'Remote_User: root')
  t.strictSame(told(), { 'remote-user': 'eve' })
  await send(
    'GET',
    '/private',
    cookieOf(await logIn('bob')),
    'Remote-User: eve',
    'Remote-Groups: x'
  )
  t.strictSame(told(), { 'remote-user': 'bob' })
  t.match(await send('GET', '/private', 'Remote-User: eve'), /^HTTP\/1\.1 401 /)
})
