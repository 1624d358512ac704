// A site on localhost where users log in at a provider, which is a real one.

import type { TestContext } from '@reliw/testing'
import type { BrowserResponse, Browser } from '../../../packages/auth/test/browser.ts'
import {
  logInAtProvider,
  type LoginOptions,
  type RunningProvider,
  startProvider
} from '../../../packages/auth/test/start-provider.ts'
import { clientsOf, type ProtectedServer, protectedSite } from './protected-site.ts'
import { startServer } from './start-server.ts'

export interface OidcServer extends ProtectedServer {
  provider: RunningProvider
}

/** Whom the provider knows. */
const accounts = {
  'grace@sso': { groups: ['staff'] },
  mallory: { groups: [] }
}

/** Starts both. `/private` is for the group `staff`; the site has users with passwords as well. */
export async function startOidc(t: TestContext): Promise<OidcServer> {
  const host = 'localhost'
  const server = await startServer(t, {
    ...(await protectedSite({ private: { auth: { groups: ['staff'] } } }, host)),
    [`FILES:${host}:/private/page`]: { content: 'for staff' }
  })
  const clients = clientsOf(server.port, host)
  const provider = await startProvider(t, { redirectUris: [`${clients.origin}/login`], accounts })
  const { settings: oidc } = provider
  await server.set(`SITE:${host}`, { auth: { oidc } })
  return { ...server, ...clients, provider }
}

/** Follows the login page's link to the provider. */
export async function goToProvider(
  browser: Browser,
  page: BrowserResponse
): Promise<BrowserResponse> {
  const link = /<a class="rlw-provider" href="([^"]*)">/.exec(page.text)?.[1]
  if (link === undefined) throw new Error(`no link in ${page.text}`)
  return browser.visit(link.replaceAll('&#38;', '&'))
}

/** Opens the login page for `/private/page`, and logs in at the provider. Resolves to the callback's path. */
export async function comeBack(
  browser: Browser,
  account: string,
  options?: LoginOptions
): Promise<string> {
  const page = await browser.visit(`/login?next=${encodeURIComponent('/private/page?x=%C3%A9')}`)
  const left = await goToProvider(browser, page)
  const callback = await logInAtProvider(left.location ?? '', account, options)
  if (callback.origin !== browser.origin) throw new Error(`sent to ${callback.origin}`)
  return callback.pathname + callback.search
}
