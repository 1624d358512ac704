/**
 * Access control: authenticates requests by sessions from a login page, Basic credentials, API keys, bearer tokens or
 * another server (forward-auth), and refuses users whom a rule does not permit.
 */

import { callbackify } from 'node:util'
import { useFacts, useSites } from '@reliw/http'
import { Auth, type AuthInput, Keyspace, type Live } from '@reliw/model'
import { parseOptions } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { authorize as passRule } from './authorize.ts'
import type { Caller } from './caller.ts'
import { Forbidden } from './errors.ts'
import { andThen } from './live.ts'
import { DecisionCache } from './forward/decision-cache.ts'
import { followRevocations } from './forward/follow-revocations.ts'
import { LoginPages } from './login/login-pages.ts'
import { LoginWaits } from './login/login-waits.ts'
import { Login } from './login/login.ts'
import { logOut } from './login/logout.ts'
import { PendingLogins } from './login/pending-logins.ts'
import { AuthOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { Passwords } from './passwords/verify.ts'
import { type Keys, MemoryKeys } from './sessions/memory-keys.ts'
import { Sessions } from './sessions/sessions.ts'
import { sourcesOf } from './sources.ts'
import { AuthMethods } from './methods/auth-methods.ts'
import { type Withheld, withhold } from './withhold.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Whether a request satisfies `auth`; false if the response has been sent, such as a login page. Throws, or rejects
     * with, the error to respond with otherwise.
     */
    authorize: (request: FastifyRequest, reply: FastifyReply, auth: Auth) => Live<boolean>
    /**
     * Cookies and headers that must not be forwarded: the cookies of sessions and logins, and credentials used by a
     * rule.
     */
    withhold: (request: FastifyRequest) => Live<Withheld | undefined>
  }
  interface FastifyRequest {
    /** The headers with the credentials that the rule uses, set once it permits the request: names in lower case. */
    credentials: readonly string[] | undefined
  }
  interface FastifyContextConfig {
    /**
     * The rule of the route: as `auth` of an entry, or `{login: true}`, `{logout: true}` for the login and logout
     * pages.
     */
    auth?: AuthInput
  }
}

/** How long a used code is remembered, in milliseconds: longer than any code is valid. */
const ONCE = 5 * 60_000

async function authPlugin(fastify: FastifyInstance, options: AuthOptions): Promise<void> {
  const settings = parseOptions('@reliw/auth', AuthOptions, options)
  const { store, page } = settings
  const { findUser, findApiKey, settingsOf } = sourcesOf(settings)
  const keyspace = store?.keys ?? new Keyspace('RLW')
  const keys: Keys = store?.driver ?? new MemoryKeys()
  const find = store && ((host: string, id: string) => store.sites.session(host, id))
  const parts: Parts = {
    log: fastify.log,
    store: settings.users === undefined ? store : undefined,
    findUser,
    findApiKey,
    passwords: new Passwords(),
    sessions: new Sessions({ keyspace, keys, find }),
    guard: {
      waits: new LoginWaits(keyspace, keys),
      isFirst: async (host, what) => {
        const key = keyspace.limit(host, 'once', what)
        return (await keys.increment([{ key, by: 1, ttl: ONCE }]))[0] === 1
      }
    }
  }
  const decisions = new DecisionCache(() => store?.connected !== false)
  const stopFollowing = store && followRevocations(store, decisions)
  const methods = new AuthMethods(parts, decisions)
  const pages = new LoginPages(page)
  const login = new Login(parts, pages, new PendingLogins(keyspace, keys))
  /** Parsed rules, by the `auth` object of the route: Fastify copies the config around it. */
  const rules = new WeakMap<object, Auth>()

  useFacts(fastify)
  useSites(fastify, store?.sites)
  fastify.decorate('authorize', authorize)
  fastify.decorate('withhold', (request) => withhold(request, settingsOf))
  fastify.decorateRequest('credentials', undefined)
  fastify.addHook('onRoute', ({ config, url }) => {
    if (config?.auth !== undefined)
      rules.set(config.auth, parseOptions(`config.auth of ${url}`, Auth, config.auth))
  })
  fastify.addHook('onRequest', guardRoute)
  fastify.addHook('onClose', async () => {
    stopFollowing?.()
    methods.close()
  })

  function guardRoute(
    request: FastifyRequest,
    reply: FastifyReply,
    next: (error?: Error) => void
  ): void {
    const { config } = request.routeOptions
    if (config.auth === undefined) return next()
    const rule = rules.get(config.auth)
    if (rule === undefined)
      return next(new Error('register @reliw/auth before the routes that it protects'))
    try {
      const isAllowed = authorize(request, reply, rule)
      if (isAllowed === true) return next()
      if (isAllowed === false) return
      callbackify(async () => isAllowed)((error: Error | null, allowed?: boolean) => {
        if (error !== null) next(error)
        else if (allowed === true) next()
      })
    } catch (error) {
      next(error as Error)
    }
  }

  function authorize(request: FastifyRequest, reply: FastifyReply, auth: Auth): Live<boolean> {
    const { host, site, clientIp, isSecure } = request.facts
    if (host === undefined || site === undefined) throw new Forbidden()
    return andThen(settingsOf(site), (ofSite) => {
      const caller: Caller = {
        request,
        reply,
        host,
        site,
        clientIp,
        isSecure,
        settings: ofSite
      }
      return 'page' in auth ? servePage(auth.page, caller) : passRule(methods, auth, caller)
    })
  }

  async function servePage(name: 'login' | 'logout', caller: Caller): Promise<false> {
    if (name === 'login') await login.respond(caller)
    else await logOut(parts, pages, caller)
    return false
  }
}

export const auth = fp(authPlugin, { fastify: '5.x', name: '@reliw/auth' })
