import { startRedis } from '@reliw/testing'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { flood } from '../flood.ts'
import { startScript } from '../script-origin.ts'
import { growth, sizeOf } from '../store-size.ts'

const HOST = 'logins.test'
const LOGINS = 20_000

/** Each visit without a cookie begins a login, which the store keeps until the provider sends the browser back. */
export const begunLogins: Attack = {
  name: 'begun-logins',
  does: 'one client begins 20,000 logins at a provider, and none ends',
  async prepare(t) {
    const redis = await startRedis(t)
    const provider = await startScript(t, (_head, socket) => {
      const issuer = `http://127.0.0.1:${provider.port}`
      const body = JSON.stringify({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256']
      })
      const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.write(head + body)
    })
    const oidc = { issuer: `http://127.0.0.1:${provider.port}`, client_id: 'attack' }
    const values = {
      ...calmValues,
      [`SITE:${HOST}`]: { auth: { oidc } },
      [`API:${HOST}`]: [['/login', 'login', true]],
      [`API:${HOST}:login`]: { methods: { GET: true, POST: true }, auth: { login: true } }
    }
    const { host, port } = redis.options
    return {
      serve: { values, config: { redis: { host, port } } },
      honest: [calmRequest],
      async run({ served }) {
        const before = await sizeOf(redis)
        const answers = await flood(served.port, HOST, beginnings(LOGINS))
        const found = growth(before, await sizeOf(redis))
        if (!answers.has(302)) found.push('no login was begun')
        if (!answers.has(429)) found.push('nothing was refused')
        return found
      }
    }
  }
}

function* beginnings(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `/login?provider=${index}&next=/${index}`
}
