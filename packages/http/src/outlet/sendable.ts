import { isNamed } from '../header-list.ts'

/**
 * Arranges fields so that Node sends them unchanged. Fields that are invalid with the status are left out: Node throws
 * on a Trailer beside a length, and 101 and 204 have no length (RFC 9110 8.6).
 *
 * security: Node decodes a Content-Disposition that follows a Content-Length as UTF-8, which alters its bytes or
 * throws. Therefore the length comes last.
 */
export function sendable(status: number, headers: readonly string[]): readonly string[] {
  const hasNoLength = status === 204 || status === 101
  for (let at = 0; at < headers.length; at += 2) {
    if (isSpecial(headers[at] ?? '', hasNoLength)) return rearranged(headers, hasNoLength)
  }
  return headers
}

function isSpecial(name: string, hasNoLength: boolean): boolean {
  const isAlone = isNamed(name, 'trailer') || isNamed(name, 'content-disposition')
  return isAlone || (hasNoLength && isNamed(name, 'content-length'))
}

function rearranged(headers: readonly string[], hasNoLength: boolean): string[] {
  const fields: string[] = []
  const length: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (isNamed(name, 'trailer')) continue
    if (!isNamed(name, 'content-length')) fields.push(name, headers[at + 1] ?? '')
    else if (!hasNoLength) length.push(name, headers[at + 1] ?? '')
  }
  return fields.concat(length)
}
