import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'

/** Names of certificate files: `ca.pem`, `ca.crt`, `ca.cer`, or a hash as made by `openssl rehash`. */
const FILE_NAME = /\.(?:pem|crt|cer)$|^[0-9a-f]{8}\.\d+$/i
const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*(?:-----END \1-----)?/g

/** The certificate authorities trusted by Node and by the system, as PEM. */
export function commonAuthorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
}

/**
 * Reads the certificates of a file: PEM, or a single one in DER. Rejects with an error that names the file when it
 * contains no certificate or an invalid one.
 */
export async function readAuthorities(file: string): Promise<string[]> {
  try {
    const bytes = await readFile(file)
    const blocks = bytes.toString('latin1').match(BLOCK) ?? [bytes]
    return blocks.map((block) => new X509Certificate(block).toString())
  } catch (cause) {
    throw new Error(`no CA certificates in ${file}`, { cause })
  }
}

/** Reads all files of a directory that have the name of a certificate file; rejects like {@link readAuthorities}. */
export async function readAuthorityDirectory(directory: string): Promise<string[]> {
  const certificates = new Set<string>()
  for (const name of await readdir(directory)) {
    if (!FILE_NAME.test(name)) continue
    for (const one of await readAuthorities(join(directory, name))) certificates.add(one)
  }
  if (certificates.size === 0) throw new Error(`no CA certificates in ${directory}`)
  return [...certificates]
}
