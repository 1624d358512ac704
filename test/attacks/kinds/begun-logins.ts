import type { Attack } from '../attack.ts'
import { startScript } from '../script-origin.ts'
import { prepareStoreFlood } from '../store-flood.ts'

const HOST = 'logins.test'
const LOGINS = 20_000

/** Each visit without a cookie begins a login, which the store keeps until the provider sends the browser back. */
export const begunLogins: Attack = {
  name: 'begun-logins',
  does: 'one client begins 20,000 logins at a provider, and completes none',
  async prepare(t) {
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
    return prepareStoreFlood(t, {
      host: HOST,
      values: {
        [`SITE:${HOST}`]: { auth: { oidc } },
        [`API:${HOST}`]: [['/login', 'login', true]],
        [`API:${HOST}:login`]: { methods: { GET: true, POST: true }, auth: { login: true } }
      },
      paths: beginnings(LOGINS),
      expected: { 302: 'no login was begun', 429: 'nothing was refused' }
    })
  }
}

function* beginnings(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `/login?provider=${index}&next=/${index}`
}
