import { checkPath } from '@reliw/options'

/** The longest address that is remembered. */
const MAX_LENGTH = 2000

/**
 * Where a client wanted to go, if that is a path of the same site; else `/`. A browser reads `//host`, `/\host`
 * and addresses with control characters as other sites.
 */
export function returnPath(wanted: string | null | undefined): string {
  if (!wanted || wanted.length > MAX_LENGTH || !/^\/(?![/\\])[\x21-\x7E]*$/.test(wanted)) return '/'
  return checkPath(wanted) === undefined ? '/' : wanted
}

/** The address of the login page, with where to go afterwards. */
export function loginAddress(loginPath: string, wanted: string): string {
  const next = returnPath(wanted)
  return next === '/' ? loginPath : `${loginPath}?next=${encodeURIComponent(next)}`
}
