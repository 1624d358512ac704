import { getSystemErrorMessage } from 'node:util'

/** A system error in words, with its code, such as `no such file or directory (ENOENT)`. */
export function describeSystemError(error: unknown): string {
  const { errno, code, message } = error as NodeJS.ErrnoException
  return errno === undefined ? message : `${getSystemErrorMessage(errno)} (${code})`
}
