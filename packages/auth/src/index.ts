export type { AuthEvent } from '@reliw/http'
export { hashPassword, isUserName, newApiKey, newTotpSecret, totpUri } from './credentials.ts'
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
export type { Identity } from './identity.ts'
export { AuthOptions } from './options.ts'
export { auth, auth as default } from './plugin.ts'
export type { Withheld } from './withhold.ts'
