// A real OpenID Connect provider on loopback. Its users are who its options say, without passwords.

import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { OidcSettings } from '@reliw/model'
import { freePort, type TestContext } from '@reliw/testing'
import { Provider, type ClientMetadata, type Configuration, type JWK } from 'oidc-provider'
import { ProviderMemory } from './provider-memory.ts'

export { logInAtProvider, type LoginOptions } from './log-in-at-provider.ts'

export interface ProviderOptions {
  /** Where browsers may be sent back to, for each client. */
  redirectUris: readonly string[]
  /** By account, what is claimed of it, `sub` aside, which is the account. Default: nobody. */
  accounts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** How everybody is said to have logged in (RFC 8176). Default: it is not said. */
  amr?: string[]
  /** Where claims are, `sub` and `amr` aside. Default `id_token`. */
  claimsIn?: 'id_token' | 'userinfo'
  /** Besides `reliw`, which has a secret, and `reliw-public`, which has none. */
  clients?: readonly ClientMetadata[]
}

export interface RunningProvider {
  readonly issuer: string
  /** For the client `reliw`: `user_claim` is `sub`. */
  readonly settings: OidcSettings
  /** For the client `reliw-public`. */
  readonly publicSettings: OidcSettings
  /** Signs with a new key from now on, and publishes the old one no more. */
  rotateKeys: () => void
  /** Takes no connections any more, and destroys the open ones. */
  stop: () => Promise<void>
  /** Listens again, on the same port. */
  start: () => Promise<void>
}

const SECRET = 'a secret of 32 characters or more'

/** Starts a provider. It ends with the test. */
export async function startProvider(
  t: TestContext,
  options: ProviderOptions
): Promise<RunningProvider> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  let provider = createProvider(issuer, options)
  const server = createServer(
    (request, response) => void serve(provider, request, response, options)
  )
  const start = async (): Promise<void> => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  }
  await start()
  t.teardown(() => stop(server))
  const settings = describeClient(issuer)
  return {
    issuer,
    settings: { ...settings, client_id: 'reliw', client_secret: SECRET },
    publicSettings: { ...settings, client_id: 'reliw-public' },
    rotateKeys: () => void (provider = createProvider(issuer, options)),
    stop: () => stop(server),
    start
  }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

function createProvider(issuer: string, options: ProviderOptions): Provider {
  const { accounts = {}, claimsIn = 'id_token', clients = [] } = options
  const names = Object.values(accounts).flatMap((claims) => Object.keys(claims))
  return new Provider(issuer, {
    adapter: ProviderMemory,
    clients: [...ownClients(options.redirectUris), ...clients],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['signs cookies'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    claims: { openid: ['sub', 'amr', ...names], profile: [], email: [] },
    conformIdTokenClaims: claimsIn === 'userinfo',
    findAccount: (_, accountId) => {
      const claims = accounts[accountId]
      return claims && { accountId, claims: () => ({ ...claims, sub: accountId }) }
    },
    loadExistingGrant: grantAll
  })
}

function ownClients(redirectUris: readonly string[]): ClientMetadata[] {
  const redirect_uris = [...redirectUris]
  return [
    { client_id: 'reliw', client_secret: SECRET, redirect_uris },
    { client_id: 'reliw-public', token_endpoint_auth_method: 'none', redirect_uris }
  ]
}

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' })
  return { kty, crv, x, y, d, kid: randomUUID(), use: 'sig' }
}

/** Nobody is asked whether the client may know what it asks for. */
const grantAll: Configuration['loadExistingGrant'] = async ({ oidc }) => {
  const { client, provider, session } = oidc
  const accountId = session?.accountId
  if (client === undefined || accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client.clientId, accountId })
  grant.addOIDCScope([...oidc.requestParamScopes].join(' '))
  await grant.save()
  return grant
}

/** The page where one logs in is the host's own business, and here it is a form without a password. */
async function serve(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  { amr }: ProviderOptions
): Promise<void> {
  if (!request.url?.startsWith('/interaction/')) {
    await provider.callback()(request, response)
  } else if (request.method === 'POST') {
    const form = new URLSearchParams(await text(request))
    const login = { accountId: form.get('account') ?? '', ...(amr && { amr }) }
    const result = form.has('cancel') ? { error: 'access_denied' } : { login }
    await provider.interactionFinished(request, response, result)
  } else {
    response.end('<form method="post"><input name="account"></form>')
  }
}

function describeClient(issuer: string): Omit<OidcSettings, 'client_id'> {
  const scopes = ['openid', 'profile', 'email']
  return { issuer, scopes, user_claim: 'sub', groups_claim: 'groups', label: 'single sign-on' }
}
