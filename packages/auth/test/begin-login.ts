import type { OidcFlow } from '../src/oidc/flow.ts'
import type { OidcProvider, OidcStart } from '../src/oidc/provider.ts'
import { logInAtProvider, type LoginOptions } from './log-in-at-provider.ts'

/** Where providers of tests send browsers back to when nobody needs to listen there. */
export const CALLBACK = 'http://127.0.0.1:9/callback'

/** Begins a login that comes back to `CALLBACK`. Rejects when it is refused. */
export async function beginLogin(oidc: OidcProvider): Promise<OidcStart> {
  const start = await oidc.begin(CALLBACK)
  if ('refused' in start) throw new Error(start.reason)
  return start
}

/** Begins a login, and goes through with it at a provider that `startProvider` started. */
export async function comeBack(
  oidc: OidcProvider,
  account: string,
  options?: LoginOptions
): Promise<{ flow: OidcFlow; callback: URL }> {
  const { flow, location } = await beginLogin(oidc)
  return { flow, callback: await logInAtProvider(location, account, options) }
}
