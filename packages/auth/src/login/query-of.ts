import type { IncomingMessage } from 'node:http'

/**
 * The query of a request target, with its `?`; '' if there is none. The rest may be invalid as a URL, such as `//[`.
 */
export function queryOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at)
}
