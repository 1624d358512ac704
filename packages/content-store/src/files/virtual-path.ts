import { checkPath } from '@reliw/options'

/** The only name beginning with a dot that is served (RFC 8615). */
const WELL_KNOWN = '.well-known'

/**
 * The segments of a file's name below a root. Undefined where no file may be served: names with a segment that begins
 * with a dot (`..` included; `.well-known` at the start is allowed), backslashes, control characters, and names that
 * end in `/`. Empty segments and segments `.` are left out.
 */
export function splitFileName(name: string): string[] | undefined {
  if (name.endsWith('/')) return undefined
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.length === 0 || !segments.every(isVisible)) return undefined
  return segments
}

/** The segments of the path of a directory that may be listed, which ends in a slash; undefined for hidden ones. */
export function splitDirectoryPath(path: string): string[] | undefined {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  const isHidden = segments.some((name) => name.startsWith('.') || hasForbiddenCharacter(name))
  return isHidden || !path.endsWith('/') ? undefined : segments
}

/** Whether a name in a directory can be requested: not a hidden one, nor one that is not UTF-8. */
export function isServed(name: string): boolean {
  if (name.startsWith('.') || name.includes('\uFFFD') || hasForbiddenCharacter(name)) return false
  const path = `/${name}`
  return checkPath(`/${encodeURIComponent(name)}`) === path
}

function isVisible(segment: string, at: number): boolean {
  if (segment.startsWith('.') && !(at === 0 && segment === WELL_KNOWN)) return false
  return !hasForbiddenCharacter(segment)
}

function hasForbiddenCharacter(segment: string): boolean {
  for (let at = 0; at < segment.length; at++) {
    const code = segment.charCodeAt(at)
    if (code < 0x20 || code === 0x5c || code === 0x7f) return true
  }
  return false
}
