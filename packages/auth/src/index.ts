export { isUserName } from './caller.ts'
export {
  Busy,
  ClientLeft,
  Forbidden,
  FormTooLarge,
  Misconfigured,
  PasswordTooLong,
  TooManyFailures,
  Unauthenticated,
  Unavailable
} from './errors.ts'
export type { AuthEvent } from './events.ts'
export type { Identity } from './identity.ts'
export { AuthOptions } from './options.ts'
export { hashPassword } from './passwords/argon2.ts'
export { auth, auth as default } from './plugin.ts'
export { newTotpSecret, totpUri } from './totp/totp.ts'
export { newApiKey } from './ways/api-key-way.ts'
export type { Withheld } from './withhold.ts'
