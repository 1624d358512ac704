import { forwarded, HOST, unwanted, type RequestCases } from './request-case.ts'

const to = (...lines: string[]): string => `${['GET / HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n`

/** Who is asked (RFC 9110 7.2, RFC 9112 3.2). */
export const hosts: RequestCases = {
  'no host': unwanted(to('X-A: b')),
  'no host in HTTP/1.0': unwanted('GET / HTTP/1.0\r\n\r\n'),
  'an empty host': unwanted(to('Host:')),
  'the same host twice': unwanted(to(`Host: ${HOST}`, `Host: ${HOST}`)),
  'a second host': unwanted(to(`Host: ${HOST}`, 'Host: other.test')),
  'a second host in capitals': unwanted(to(`Host: ${HOST}`, 'HOST: other.test')),
  'an empty second host': unwanted(to(`Host: ${HOST}`, 'Host:')),
  'a list of hosts': unwanted(to(`Host: ${HOST}, other.test`)),
  'two words for a host': unwanted(to(`Host: ${HOST} other.test`)),
  'a tab in a host': unwanted(to(`Host: ${HOST}\tother.test`)),
  'a user before a host': unwanted(to(`Host: a@${HOST}`)),
  'a path after a host': unwanted(to(`Host: ${HOST}/`)),
  'a URL for a host': unwanted(to(`Host: http://${HOST}`)),
  'a port that is none': unwanted(to(`Host: ${HOST}:a`)),
  'a port too large': unwanted(to(`Host: ${HOST}:65616`)),
  'a host above ASCII': unwanted(to('Host: shop\xa0.test')),
  'a host in capitals, with a dot and a port': forwarded(to('HOST: SHOP.test.:80'), {}),
  'no port after a colon': forwarded(to(`Host: ${HOST}:`), {
    headers: { 'x-forwarded-host': HOST }
  }),
  'other headers that name a host': forwarded(
    to(`Host: ${HOST}`, 'X-Forwarded-Host: other.test', 'Forwarded: host=other.test', 'X_Host: a'),
    { headers: { 'x-forwarded-host': HOST, forwarded: undefined } }
  )
}
