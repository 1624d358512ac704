// Logins that are at their second step.

import type { Store } from '@reliw/model'
import type { TestContext } from '@reliw/testing'
import { newTotpSecret } from '../src/index.ts'
import { type BrowserResponse, Browser } from './browser.ts'
import { openStoreOf, putUsers } from './open-stores.ts'
import { startApp } from './start-app.ts'
import { type StoredUser, userOf } from './stored-users.ts'
import { TOTP_SECRET } from './totp-codes.ts'

export interface AtSecondFactor {
  store: Store
  browser: Browser
  cy: StoredUser
  /** The page that asks for the code, after the password was right. */
  page: BrowserResponse
}

/** An app whose user cy, and dan too, has a second factor; cy has shown the password, and is asked for the code. */
export async function reachSecondFactor(t: TestContext): Promise<AtSecondFactor> {
  const { store } = await openStoreOf(t, 'embedded')
  const cy = await userOf('pw', { totp: TOTP_SECRET })
  await putUsers(store, { cy, dan: await userOf('pw', { totp: newTotpSecret() }) })
  const { origin } = await startApp(t, { store }, { '/factor': { second_factor: true } })
  const browser = new Browser(origin)
  const page = await browser.logIn('cy', 'pw', '/login?next=/factor')
  return { store, browser, cy, page }
}
