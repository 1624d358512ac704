import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { JwtSettings } from '@reliw/model'
import { portOf, type TestContext } from '@reliw/testing'
import { SignJWT, type JWTPayload } from 'jose'
import type { Identity, Refusal } from '../src/identity.ts'

export const SECRET = 'the secret that site and issuer share, and nobody else'
/** The time of day of these tests, in seconds and in milliseconds. */
export const NOW = 1_790_000_000
export const NOW_MS = NOW * 1000

export interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

export function createRsaKey(bits = 2048, exponent = 65_537): KeyPair {
  return generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
}

export function createEcKey(namedCurve = 'P-256'): KeyPair {
  return generateKeyPairSync('ec', { namedCurve })
}

export function createEdKey(): KeyPair {
  return generateKeyPairSync('ed25519')
}

export function settingsWith(settings: Partial<JwtSettings>): JwtSettings {
  return {
    algorithms: ['HS256'],
    secret: SECRET,
    user_claim: 'sub',
    groups_claim: 'groups',
    leeway: 0,
    ...settings
  }
}

/** Claims that are accepted at NOW, for ten minutes. */
export function claimsWith(claims: JWTPayload = {}): JWTPayload {
  return { sub: 'alice', iat: NOW, exp: NOW + 600, ...claims }
}

export interface IssueOptions {
  alg?: string
  kid?: string
  key?: KeyObject | Uint8Array
  claims?: JWTPayload
}

/** A token as an honest issuer makes it. */
export async function issue(options: IssueOptions = {}): Promise<string> {
  const { alg = 'HS256', kid, key = Buffer.from(SECRET), claims } = options
  const header = kid === undefined ? { alg } : { alg, kid }
  return new SignJWT(claimsWith(claims)).setProtectedHeader(header).sign(key)
}

/** Any texts or bytes as header and payload, with the right HS256 signature over them. */
export function forge(header: unknown, payload: unknown, secret: string | Buffer = SECRET): string {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** In base64url: bytes and texts as they are, all else as JSON. */
export function encode(part: unknown): string {
  const isRaw = typeof part === 'string' || Buffer.isBuffer(part)
  return Buffer.from(isRaw ? part : JSON.stringify(part)).toString('base64url')
}

/** The status of a refusal, else the user's name. */
export function outcome(result: Identity | Refusal): string | number {
  return 'refused' in result ? result.refused : result.user
}

/** A public key as its issuer publishes it. */
export function publish(
  { publicKey }: Pick<KeyPair, 'publicKey'>,
  members: Readonly<Record<string, unknown>> = {}
): Record<string, unknown> {
  return { ...publicKey.export({ format: 'jwk' }), ...members }
}

/** Where keys are published: a server that can change its answer, stop, and listen again. */
export interface Issuer {
  uri: string
  /** How many requests came. */
  requests: number
  respond: RequestListener
  /** Answers with these keys from now on. */
  publish: (...keys: readonly unknown[]) => void
  stop: () => Promise<void>
  start: () => Promise<void>
}

export async function startIssuer(t: TestContext): Promise<Issuer> {
  const server = createServer((request, response) => {
    issuer.requests += 1
    issuer.respond(request, response)
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await listen(0)
  const port = portOf(server)
  const issuer: Issuer = {
    uri: `http://127.0.0.1:${port}/keys`,
    requests: 0,
    respond: (_request, response) => void response.end('{"keys":[]}'),
    publish: (...keys) => {
      issuer.respond = (_request, response) => void response.end(JSON.stringify({ keys }))
    },
    stop,
    start: () => listen(port)
  }
  t.teardown(stop)
  return issuer
}
