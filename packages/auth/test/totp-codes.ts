// What an authenticator app shows.

import { TOTP } from 'otpauth'
import { newTotpSecret } from '../src/index.ts'

/** The secret of a user of tests, new for each run. */
export const TOTP_SECRET = newTotpSecret()
const PERIOD = 30_000

/** Its code of now, or of so many steps from now; one step earlier or later is still good. */
export function code(steps = 0, secret = TOTP_SECRET): string {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + steps * PERIOD })
}

/** A code that is none of those that are good, or nearly. */
export function wrongCode(): string {
  const near = new Set([-2, -1, 0, 1, 2].map((steps) => code(steps)))
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555'].find((c) => !near.has(c)) ?? ''
  )
}
