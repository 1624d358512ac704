// A provider that says what a test wants it to say: what real ones do not, and say no user can make them.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { OidcSettings } from '@reliw/model'
import { portOf, type TestContext } from '@reliw/testing'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import type { OidcFlow } from '../src/oidc/flow.ts'
import { CALLBACK } from './begin-login.ts'

export const SECRET = 'a secret of 32 characters or more'
export const KEY_ID = 'the only key'

/** What was asked, in the order in which it came. */
export interface ProviderCall {
  path: string
  authorization: string | undefined
  body: string
}

/** Answers a request; headers that are not written say JSON. */
export type ProviderResponse = (response: ServerResponse) => void

export class ScriptedProvider {
  readonly issuer: string
  readonly settings: OidcSettings
  readonly calls: ProviderCall[] = []
  /** What is answered at a path from now on. */
  readonly responses = new Map<string, ProviderResponse>()
  readonly #privateKey: CryptoKey

  constructor(issuer: string, privateKey: CryptoKey, publicKeys: readonly object[]) {
    this.issuer = issuer
    this.#privateKey = privateKey
    this.settings = {
      issuer,
      client_id: 'reliw',
      client_secret: SECRET,
      scopes: ['openid'],
      user_claim: 'sub',
      groups_claim: 'groups',
      label: 'single sign-on'
    }
    this.describe({})
    this.responses.set('/keys', json({ keys: publicKeys }))
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length
  }

  /** Changes what discovery finds out. */
  describe(metadata: object): void {
    const { issuer } = this
    const usual = {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      id_token_signing_alg_values_supported: ['ES256']
    }
    this.responses.set(DISCOVERY, json({ ...usual, ...metadata }))
  }

  /** What a token that is as it should be claims. */
  claimsFor(flow: OidcFlow): JWTPayload {
    const now = Math.floor(Date.now() / 1000)
    const times = { iat: now, exp: now + 60 }
    return { iss: this.issuer, aud: 'reliw', sub: 'ada', nonce: flow.nonce, groups: [], ...times }
  }

  /** Signs with the key that is published. */
  sign(claims: JWTPayload): Promise<string> {
    return signWith(this.#privateKey, { alg: 'ES256', kid: KEY_ID }, claims)
  }

  /** Exchanges any code for this ID token. */
  redeemFor(idToken: string): void {
    const tokens = { access_token: 'access', token_type: 'bearer', id_token: idToken }
    this.responses.set('/token', json(tokens))
  }
}

export const DISCOVERY = '/.well-known/openid-configuration'

/** Starts a provider that gives everybody what the test puts into it. It ends with the test. */
export async function startScriptedProvider(t: TestContext): Promise<ScriptedProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const server = createServer((request, response) => void serve(provider, request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const issuer = `http://127.0.0.1:${portOf(server)}`
  const published = { ...(await exportJWK(publicKey)), kid: KEY_ID, use: 'sig' }
  const provider = new ScriptedProvider(issuer, privateKey, [published])
  return provider
}

/** A JWT with this header, whoever's key it is. */
export function signWith(
  key: CryptoKey | Uint8Array,
  header: { alg: string; kid?: string },
  claims: JWTPayload
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key)
}

/** The answer to a request that went well. */
export function json(body: object): ProviderResponse {
  return (response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  }
}

/** An answer without a body. */
export function status(code: number, headers: Record<string, string> = {}): ProviderResponse {
  return (response) => void response.writeHead(code, headers).end()
}

/** The redirect of a provider that let somebody in. */
export function callbackFor(flow: OidcFlow, more: Record<string, string> = {}): URL {
  const query = new URLSearchParams({ code: 'a-code', state: flow.state, ...more })
  return new URL(`?${query.toString()}`, CALLBACK)
}

async function serve(
  provider: ScriptedProvider,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const path = request.url ?? ''
  const { authorization } = request.headers
  provider.calls.push({ path, authorization, body: await text(request) })
  const respond = provider.responses.get(path) ?? status(404)
  respond(response)
}
