import type { IncomingMessage } from 'node:http'

/** The query of a request target, with its `?`; '' when there is none. The rest need not be a URL: `//[` is none. */
export function queryOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at)
}
