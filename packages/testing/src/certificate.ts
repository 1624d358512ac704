import { KeyObject, type webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type * as X509 from '@peculiar/x509'

/** Both as PEM, ready for `tls.createServer`. */
export interface Certificate {
  cert: string
  key: string
}

export interface Validity {
  /** Default: an hour ago. */
  from?: Date
  /** Default: in a day. */
  to?: Date
}

/** A certificate authority that lives as long as a test. */
export interface Authority {
  /** Its own certificate as PEM: the `ca` of whoever shall trust it. */
  cert: string
  /** Issues a certificate, for servers and clients, to DNS names (`*.` too) and IP addresses. */
  issue(names: readonly string[], validity?: Validity): Promise<Certificate>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const HOUR_MS = 3_600_000

/** Creates an authority with a new P-256 key. */
export async function createAuthority(name = 'RELIW test authority'): Promise<Authority> {
  const x509 = await loadX509()
  const own = await createKeys()
  const signed = (
    subject: string,
    publicKey: webcrypto.CryptoKey,
    extensions: X509.Extension[],
    { from = hoursFromNow(-1), to = hoursFromNow(24) }: Validity = {}
  ): Promise<X509.X509Certificate> =>
    x509.X509CertificateGenerator.create({
      issuer: [{ CN: [name] }],
      subject: [{ CN: [subject] }],
      notBefore: from,
      notAfter: to,
      publicKey,
      signingKey: own.privateKey,
      extensions
    })
  return {
    cert: toPem(await signed(name, own.publicKey, authorityExtensions(x509))),
    issue: async (names, validity) => {
      const { publicKey, privateKey } = await createKeys()
      const extensions = leafExtensions(x509, names)
      return {
        cert: toPem(await signed(names[0] ?? '', publicKey, extensions, validity)),
        key: KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
      }
    }
  }
}

/** A certificate of an authority that nobody trusts. */
export async function createCertificate(names: readonly string[]): Promise<Certificate> {
  return (await createAuthority()).issue(names)
}

/** Loaded with the first authority: it takes 0.1 s, and most tests need none. It needs the polyfill before it. */
async function loadX509(): Promise<typeof X509> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

function hoursFromNow(hours: number): Date {
  return new Date(Date.now() + hours * HOUR_MS)
}

function authorityExtensions(x509: typeof X509): X509.Extension[] {
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true)
  ]
}

function leafExtensions(x509: typeof X509, names: readonly string[]): X509.Extension[] {
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
    new x509.SubjectAlternativeNameExtension(
      names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))
    )
  ]
}

/** With a line break at its end: files of several are made by joining them. */
function toPem(certificate: X509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
