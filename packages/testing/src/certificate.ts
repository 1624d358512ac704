import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import * as der from './der.ts'
import { ipBytes } from './ip-bytes.ts'

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
  issue(names: readonly string[], validity?: Validity): Certificate
}

const ECDSA_WITH_SHA256 = der.sequence(der.objectId('1.2.840.10045.4.3.2'))
const COMMON_NAME = '2.5.4.3'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const HOUR_MS = 3_600_000

/** Creates an authority with a new P-256 key (RFC 5280, RFC 5758). */
export function createAuthority(name = 'RELIW test authority'): Authority {
  const { publicKey, privateKey } = createKeys()
  const signed = (subject: string, key: KeyObject, extensions: Buffer, validity?: Validity) =>
    toPem(signCertificate(name, subject, key, extensions, privateKey, validity))
  return {
    cert: signed(name, publicKey, authorityExtensions()),
    issue: (names, validity) => {
      const keys = createKeys()
      return {
        cert: signed(names[0] ?? '', keys.publicKey, leafExtensions(names), validity),
        key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      }
    }
  }
}

function createKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function signCertificate(
  issuer: string,
  subject: string,
  subjectKey: KeyObject,
  extensions: Buffer,
  issuerKey: KeyObject,
  { from = new Date(Date.now() - HOUR_MS), to = new Date(Date.now() + 24 * HOUR_MS) }: Validity = {}
): Buffer {
  const content = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer),
    der.sequence(der.generalizedTime(from), der.generalizedTime(to)),
    distinguishedName(subject),
    subjectKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, extensions)
  )
  const signature = sign('sha256', content, issuerKey)
  return der.sequence(content, ECDSA_WITH_SHA256, der.bitString(signature))
}

function distinguishedName(name: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectId(COMMON_NAME), der.utf8String(name))))
}

function authorityExtensions(): Buffer {
  return der.sequence(
    extension(BASIC_CONSTRAINTS, der.sequence(der.boolean(true)), true),
    extension(KEY_USAGE, der.bitString(Buffer.of(0b0000_0110), 1), true)
  )
}

function leafExtensions(names: readonly string[]): Buffer {
  return der.sequence(
    extension(BASIC_CONSTRAINTS, der.sequence(), true),
    extension(KEY_USAGE, der.bitString(Buffer.of(0b1000_0000), 7), true),
    extension(
      EXTENDED_KEY_USAGE,
      der.sequence(der.objectId(SERVER_AUTH), der.objectId(CLIENT_AUTH))
    ),
    extension(SUBJECT_ALT_NAME, der.sequence(...names.map(alternativeName)))
  )
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der.boolean(true)] : []
  return der.sequence(der.objectId(id), ...flag, der.octetString(value))
}

function alternativeName(name: string): Buffer {
  return isIP(name) ? der.implicit(7, ipBytes(name)) : der.implicit(2, Buffer.from(name))
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
