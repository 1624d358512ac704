import { test } from 'tap'
import { startIdentityUpstream } from './start-identity-upstream.ts'

const FORGED = ['X-Authentik-Username: root', 'X-Authentik-Groups: admins', 'X-My-User: root']

test('identity headers reach an origin only from a trusted proxy', async (t) => {
  for (const isTrusted of [false, true]) {
    const config = isTrusted ? { trusted_proxies: ['127.0.0.0/8'] } : {}
    const { send, set, upstream } = await startIdentityUpstream(t, config)
    const proxy = { target: upstream.url, drop_headers: ['x-my-user'] }
    await set('API:127.0.0.1:public', { methods: { GET: true }, proxy })
    t.match(await send('GET', '/public', ...FORGED, 'x_authentik_username: root'), / 200 /)
    const got = (name: string): string | undefined => upstream.requests.at(-1)?.header(name)
    t.equal(got('x-authentik-username'), isTrusted ? 'root' : undefined)
    t.equal(got('x-authentik-groups'), isTrusted ? 'admins' : undefined)
    t.equal(got('x-my-user'), isTrusted ? 'root' : undefined, 'in drop_headers')
    t.equal(got('x_authentik_username'), undefined, 'of anybody')
  }
})
