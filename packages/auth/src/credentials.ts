export { isUserName } from './caller.ts'
export { hashPassword } from './passwords/argon2.ts'
export { newTotpSecret, totpUri } from './totp/totp.ts'
export { newApiKey } from './methods/api-key.ts'
