import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Upstream } from '@reliw/model'
import { commonAuthorities, readAuthorities, readAuthorityDirectory } from './authorities.ts'

type TlsFiles = Pick<Upstream, 'tls_cafile' | 'tls_capath' | 'tls_certfile' | 'tls_keyfile'>

/** Shared by all upstreams without TLS files of their own: it takes 1 MB, and 20 ms to create. */
let common: SecureContext | undefined

/**
 * Creates the TLS context for the origins of an upstream: the authorities of Node and of the system, or those of
 * `tls_cafile` and `tls_capath` instead, and the client certificate. Rejects with an error that names the file at
 * fault.
 */
export async function loadTlsContext(settings: TlsFiles): Promise<SecureContext> {
  const { tls_cafile, tls_capath, tls_certfile, tls_keyfile } = settings
  if ((tls_cafile ?? tls_capath ?? tls_certfile) === undefined) {
    return (common ??= createSecureContext({ ca: commonAuthorities() }))
  }
  const ca = await loadAuthorities(settings)
  if (tls_certfile === undefined || tls_keyfile === undefined) return createSecureContext({ ca })
  try {
    const [cert, key] = [await readFile(tls_certfile), await readFile(tls_keyfile)]
    return createSecureContext({ ca, cert, key })
  } catch (cause) {
    throw new Error(`no client certificate in ${tls_certfile} and ${tls_keyfile}`, { cause })
  }
}

async function loadAuthorities({ tls_cafile, tls_capath }: TlsFiles): Promise<string[]> {
  if (tls_cafile === undefined && tls_capath === undefined) return commonAuthorities()
  return [
    ...(tls_cafile === undefined ? [] : await readAuthorities(tls_cafile)),
    ...(tls_capath === undefined ? [] : await readAuthorityDirectory(tls_capath))
  ]
}
