import { checkPath } from '@reliw/options'

/** Maximum length of a path to return to, in characters. */
const MAX_LENGTH = 2000

/**
 * The path that a client wanted, if it is a path of this site; else `/`.
 *
 * security: a browser reads `//host`, `/\host` and paths with control characters as other sites (open redirect).
 */
export function returnPath(wanted: string | null | undefined): string {
  if (!wanted || wanted.length > MAX_LENGTH || !/^\/(?![/\\])[\x21-\x7E]*$/.test(wanted)) return '/'
  return checkPath(wanted) === undefined ? '/' : wanted
}

/** The path of the login page, with the path to return to. */
export function loginAddress(loginPath: string, wanted: string): string {
  const next = returnPath(wanted)
  return next === '/' ? loginPath : `${loginPath}?next=${encodeURIComponent(next)}`
}
