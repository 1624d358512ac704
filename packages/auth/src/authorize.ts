import type { AuthRule, Live, AuthMethod } from '@reliw/model'
import type { Caller } from './caller.ts'
import {
  Forbidden,
  Misconfigured,
  TooManyFailures,
  Unauthenticated,
  Unavailable
} from './errors.ts'
import type { Identity, Refusal } from './identity.ts'
import { andThen } from './live.ts'
import { loginAddress, returnPath } from './login/return-path.ts'
import { credentialHeaders } from './methods/authorization.ts'
import type { AuthResult, AuthMethods } from './methods/auth-methods.ts'

/**
 * Whether a request satisfies a rule; false if the response has been sent: a redirect to the login page, or the auth
 * server's response. Throws, or rejects with, refusals.
 */
export function authorize(methods: AuthMethods, rule: AuthRule, caller: Caller): Live<boolean> {
  return andThen(firstResult(methods, rule.any, 0, caller, NONE), (result) => {
    if (result !== undefined && 'responded' in result) return false
    if (result === undefined || 'refused' in result) return refuse(rule, caller, result)
    caller.request.identity = result
    if (!isPermitted(rule, result)) throw new Forbidden()
    caller.request.credentials = credentialHeaders(caller.request.raw.headers, rule.any)
    return true
  })
}

const NONE: readonly Refusal[] = []

/**
 * The result of the first authentication method that accepts the request or has responded to it, else the last refusal.
 * Unless a method accepts, all refusals are reported.
 */
function firstResult(
  methods: AuthMethods,
  any: readonly AuthMethod[],
  at: number,
  caller: Caller,
  before: readonly Refusal[]
): Live<AuthResult> {
  const method = any[at]
  if (method === undefined) {
    methods.reportFailure(caller, before)
    return before.at(-1)
  }
  return andThen(methods.authenticate(method, caller), (result) => {
    if (result === undefined) return firstResult(methods, any, at + 1, caller, before)
    if ('refused' in result) return firstResult(methods, any, at + 1, caller, [...before, result])
    if ('responded' in result) methods.reportFailure(caller, [...before, ...result.responded])
    return result
  })
}

function isPermitted({ users, groups, secondFactor }: AuthRule, identity: Identity): boolean {
  if (secondFactor && !identity.secondFactor) return false
  if (users === undefined && groups === undefined) return true
  return (
    users?.includes(identity.user) === true ||
    groups?.some((group) => identity.groups.includes(group)) === true
  )
}

/**
 * Responds to a request without an identity: redirects browsers to the login page, or throws the refusal, with
 * `WWW-Authenticate` for 401.
 */
function refuse({ any }: AuthRule, caller: Caller, refusal: Refusal | undefined): false {
  const { reply, settings } = caller
  if (refusal?.refused === 403) throw new Forbidden()
  if (refusal?.refused === 429) {
    reply.header('retry-after', String(refusal.retryAfter ?? 1))
    throw new TooManyFailures()
  }
  if (refusal?.refused === 503) throw new Unavailable()
  if (refusal === undefined && any.includes('session') && isBrowser(any, caller)) {
    const { method, url = '/' } = caller.request.raw
    const { login_path: path } = settings
    if (url === path || url.startsWith(`${path}?`)) throw new Misconfigured(loginLoopMessage(path))
    const wanted = method === 'GET' || method === 'HEAD' ? returnPath(url) : '/'
    reply.header('cache-control', 'no-store')
    reply.code(302).header('location', loginAddress(path, wanted)).send()
    return false
  }
  const challenges = challengesOf(any, caller.host, refusal)
  if (challenges.length > 0) reply.header('www-authenticate', challenges)
  throw new Unauthenticated()
}

/** The message for a login page whose own rule requires a login, which would redirect clients to it in a loop. */
function loginLoopMessage(path: string): string {
  return `the login page ${path} requires a login: give ${path} a route to an entry with auth {"login": true}`
}

/**
 * Whether the client counts as a browser: it accepts text/html. If `session` is the only method, a wildcard, or no
 * Accept header, suffices.
 */
function isBrowser(any: readonly AuthMethod[], { request }: Caller): boolean {
  const { accept } = request.raw.headers
  if (any.length === 1) return accept === undefined || /text\/html|\*\/\*|text\/\*/i.test(accept)
  return accept !== undefined && /text\/html/i.test(accept)
}

/** The values of `WWW-Authenticate` (RFC 7617 2, RFC 6750 3). */
function challengesOf(
  any: readonly AuthMethod[],
  host: string,
  refusal: Refusal | undefined
): string[] {
  const error = refusal === undefined ? '' : ', error="invalid_token"'
  const isBearer = any.some(
    (method) => method === 'api_key' || method === 'jwt' || isInlineJwt(method)
  )
  return [
    ...(any.includes('basic') ? [`Basic realm="${host}", charset="UTF-8"`] : []),
    ...(isBearer ? [`Bearer realm="${host}"${error}`] : [])
  ]
}

function isInlineJwt(method: AuthMethod): boolean {
  return typeof method === 'object' && 'jwt' in method
}
