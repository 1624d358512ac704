import type { RequestOptions } from 'node:https'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

const MAX_HEAD_BYTES = 16_384

/** Shared by all clients: it takes a megabyte, and 20 ms to create. */
let common: SecureContext | undefined

/**
 * The options of `http.request` or `https.request` for GET requests to a URL. The head of the response may have 16 KiB.
 * TLS certificates are verified with the authorities of Node and of the system, whatever the environment says.
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
