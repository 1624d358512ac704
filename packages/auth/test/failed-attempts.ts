// Users and addresses of which many attempts failed a moment ago.

import type { Store } from '@reliw/model'
import { type Attempt, counterKeysOf, type CounterKeys } from '../src/login/login-waits.ts'
import { HOST } from './start-app.ts'

/** More failures than anybody needs, after which waits are as long as they get. */
const MANY = 40

/** Counts many failures by address, by user, or by both. */
export async function failMany(
  store: Store,
  by: keyof CounterKeys,
  attempt: Partial<Attempt>
): Promise<void> {
  const whole = {
    host: HOST,
    clientIp: '192.0.2.1',
    user: '',
    kind: 'password',
    ...attempt
  } as const
  const key = store.keys.limit(HOST, 'login', counterKeysOf(whole)[by])
  await store.driver.increment([{ key, by: MANY, ttl: 3_600_000 }])
}
