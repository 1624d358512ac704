import type { OriginRequest } from '../exchange.ts'
import { isNamed } from '@reliw/http'

/** Methods whose requests have a body, even if it is empty (RFC 9110 8.6). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY'])

/** The request line and headers as they are sent, one character per byte. */
export function writeRequestHead({
  method,
  path,
  authority,
  headers,
  body,
  upgrade
}: OriginRequest): string {
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${authority}\r\n`
  let connection = upgrade === undefined ? '' : 'Upgrade'
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    head += `${name}: ${headers[at + 1]}\r\n`
    // TE is for the next hop only, and has to be listed in Connection (RFC 9110 10.1.4).
    if (isNamed(name, 'te')) connection += connection === '' ? 'TE' : ', TE'
  }
  if (connection !== '') head += `Connection: ${connection}\r\n`
  if (upgrade !== undefined) head += `Upgrade: ${upgrade}\r\n`
  if (body?.isAwaited === true) head += 'Expect: 100-continue\r\n'
  if (body === undefined)
    return WITH_BODY.has(method) ? `${head}Content-Length: 0\r\n\r\n` : `${head}\r\n`
  return body.length === undefined
    ? `${head}Transfer-Encoding: chunked\r\n\r\n`
    : `${head}Content-Length: ${body.length}\r\n\r\n`
}
