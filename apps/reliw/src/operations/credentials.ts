import { isUserName } from '@reliw/auth/credentials'
import { InvalidInput } from './errors.ts'

/** Shortest allowed password, in characters (NIST SP 800-63B 3.1.1.2). */
const SHORTEST = 8
/** Longest allowed password, in bytes: logins do not check longer ones. */
const LONGEST = 1024

/** @throws InvalidInput */
export function checkUserName(name: string): void {
  if (isUserName(name)) return
  throw new InvalidInput(['A user name must have 1 to 256 characters, without control characters.'])
}

/** @throws InvalidInput when the password is too short or too long */
export function checkPassword(password: string): void {
  if (password.length < SHORTEST)
    throw new InvalidInput([`The password is too short: use at least ${SHORTEST} characters.`])
  if (Buffer.byteLength(password) > LONGEST)
    throw new InvalidInput([`The password is too long: use at most ${LONGEST} bytes.`])
}
