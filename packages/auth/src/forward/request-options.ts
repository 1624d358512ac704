import type { RequestOptions } from 'node:https'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

const MAX_HEAD_BYTES = 16_384

/** All share it: it takes a megabyte, and 20 ms to make. */
let common: SecureContext | undefined

/**
 * What `http.request` or `https.request` need for GET requests to a URL. The head of the answer may
 * have 16 KiB. TLS is verified with the authorities of Node and of the system, whatever the
 * environment says.
 */
export function requestOptions(url: URL): RequestOptions {
  const { protocol, hostname, port, pathname, search } = url
  const target = {
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? null : port,
    path: pathname + search,
    method: 'GET',
    maxHeaderSize: MAX_HEAD_BYTES,
    insecureHTTPParser: false
  }
  if (protocol === 'http:') return target
  common ??= createSecureContext({
    ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
  })
  return Object.assign(target, { secureContext: common, rejectUnauthorized: true })
}
