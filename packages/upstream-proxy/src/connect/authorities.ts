import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'

/** Files that hold certificates: `ca.pem`, `ca.crt`, `ca.cer`, or a hash as `openssl rehash` makes them. */
const FILE_NAME = /\.(?:pem|crt|cer)$|^[0-9a-f]{8}\.\d+$/i
const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*(?:-----END \1-----)?/g

/** The authorities that Node trusts, and those that the system does, as PEM. */
export function commonAuthorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
}

/**
 * Reads the certificates of a file, PEM or a single one in DER. Rejects with an error that names the file
 * when there are none, or one is broken.
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

/** Reads all files of a directory that are named like certificates; rejects as {@link readAuthorities}. */
export async function readAuthorityDirectory(directory: string): Promise<string[]> {
  const certificates = new Set<string>()
  for (const name of await readdir(directory)) {
    if (!FILE_NAME.test(name)) continue
    for (const one of await readAuthorities(join(directory, name))) certificates.add(one)
  }
  if (certificates.size === 0) throw new Error(`no CA certificates in ${directory}`)
  return [...certificates]
}
