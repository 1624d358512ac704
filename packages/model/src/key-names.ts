import { isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { isWildcard, normalizeHost, normalizeSiteName } from '@reliw/options'
import { LIST_NAME } from './values/clients.ts'

/** Represents all hosts in `DATA`, in the fields of `WAF`, and among the directories of files. */
export const ANY_HOST = '__'

/**
 * What follows the family in a key: a host; a host, with or without a name after it; a host and a name; the name of a
 * list; nothing. `free`: anything, not checked here.
 */
export type KeyShape = 'host' | 'host or named' | 'named' | 'list' | 'none' | 'free'

/** A validation issue of a key, and the key that was probably meant. */
export interface KeyIssue {
  why: string
  /** Without the prefix. */
  meant?: string | undefined
}

/** Represents, among the aliases of a site, every host that no other site has. */
export const EVERY_HOST = '*'

const EVERY_HOST_ISSUE =
  'no site has the name "*": the default site is the one with "*" among its aliases, SITE:<host> {"aliases": ["*"]}'
const WILDCARD_ISSUE =
  'a wildcard is "*." and a domain, such as "*.example.org", and stands for all hosts below that domain'
/** Length of the longest text form of an IPv6 address. */
const LONGEST_ADDRESS = 45
/** Names in `DATA` that can also be stored for all hosts, and are easily written without a host. */
const SHARED_NAMES = /^(template\.html|login\.html)$/
/** Hint about files: they are stored per host, and never looked up for all hosts. */
const IN_DIRECTORY = 'files for all hosts are in the directory <data_dir>/__'

/** Splits `<host>:<name>`; a host with colons is an IPv6 address. `name` is undefined if no colon follows the host. */
export function splitHost(text: string): { host: string; name: string | undefined } {
  if (text.startsWith('[')) {
    const end = text.indexOf(']') + 1
    if (end > 0) return cut(text, text[end] === ':' ? end : text.length)
  }
  let at = text.length > LONGEST_ADDRESS ? text.lastIndexOf(':', LONGEST_ADDRESS) : text.length
  for (; at > 1; at = text.lastIndexOf(':', at - 1)) {
    if (isIPv6(text.slice(0, at))) return cut(text, at)
  }
  const colon = text.indexOf(':')
  return cut(text, colon === -1 ? text.length : colon)
}

function cut(text: string, at: number): { host: string; name: string | undefined } {
  return { host: text.slice(0, at), name: at < text.length ? text.slice(at + 1) : undefined }
}

/**
 * A validation issue of a key by its name alone: no request would ever look it up.
 *
 * @param rest the part after the family and its colon; undefined without a colon
 */
export function findNameIssue(
  family: string,
  shape: KeyShape,
  rest: string | undefined
): KeyIssue | undefined {
  if (shape === 'free') return undefined
  if (shape === 'list') return findListIssue(family, rest)
  if (shape === 'none') return rest === undefined ? undefined : hostInKey(family, rest)
  if (rest === undefined || rest === '') return { why: `expected a host after "${family}:"` }
  const { host, name } = splitHost(rest)
  if (shape === 'host' && name !== undefined) {
    const meant = guessHost(rest) ?? guessHost(host)
    const why = /^[^:]*:\d+$/.test(rest)
      ? 'a host is stored without its port'
      : `a key of "${family}" ends with the host`
    return { why, meant: join(family, meant) }
  }
  if (name === '' || (shape === 'named' && !name)) return withoutName(family, host, name)
  if (host === ANY_HOST && family === 'DATA') return undefined
  const issue = findHostIssue(host)
  if (issue === undefined) return shape === 'named' ? findFileIssue(family, host, name) : undefined
  const why = host === ANY_HOST && family === 'FILES' ? `${issue.why}; ${IN_DIRECTORY}` : issue.why
  return { why, meant: join(family, issue.meant, name) }
}

/** A validation issue of the name of a list: rules refer to lists by names in this form. */
function findListIssue(family: string, name = ''): KeyIssue | undefined {
  if (LIST_NAME.test(name)) return undefined
  const meant = name.toLowerCase()
  return {
    why: `expected "${family}:<name>": a name has 1-64 of a-z 0-9 . _ - and begins with a letter or digit`,
    meant: LIST_NAME.test(meant) ? `${family}:${meant}` : undefined
  }
}

/**
 * A validation issue of the name of a site as a part of a key: requests are looked up by the exact output of
 * `normalizeHost`, or by a wildcard.
 */
export function findHostIssue(host: string): KeyIssue | undefined {
  if (host === ANY_HOST) return { why: '"__" stands for all hosts in DATA and WAF only' }
  if (host === EVERY_HOST) return { why: EVERY_HOST_ISSUE }
  if (normalizeSiteName(isIPv6(host) ? `[${host}]` : host) === host) return undefined
  if (isWildcard(host)) return findDomainIssue(host.slice(2))
  if (host.includes('*')) return { why: WILDCARD_ISSUE }
  const meant = guessHost(host)
  if (meant === undefined) return { why: `"${host}" is not a valid host` }
  const faults = [
    /[A-Z]/.test(host) && 'in lower case',
    /\P{ASCII}/u.test(host) && 'in its ASCII form',
    /\d:\d+$|[a-z]:\d+$/i.test(host) && !isIPv6(host) && 'without its port',
    host.startsWith('[') && 'without brackets',
    host.endsWith('.') && 'without a trailing dot',
    /[/?#]/.test(host) && 'without scheme and path',
    isIPv6(host) && 'in the form of RFC 5952'
  ].filter((fault) => fault !== false)
  return { why: `a host is stored ${faults.join(', ')}`, meant }
}

/** A validation issue of a name in `aliases`: a host, a wildcard, or `*` for every host that no other site has. */
export function findAliasIssue(name: string): KeyIssue | undefined {
  return name === EVERY_HOST ? undefined : findHostIssue(name)
}

/** The issue of a wildcard `*.<domain>`. */
function findDomainIssue(domain: string): KeyIssue {
  if (domain.includes('*') || normalizeHost(domain) === domain) return { why: WILDCARD_ISSUE }
  const { why, meant } = findHostIssue(domain) ?? { why: WILDCARD_ISSUE }
  return { why, meant: meant === undefined ? undefined : `*.${meant}` }
}

/** The host that was probably meant by a text with scheme, port, path, capitals or an international name. */
function guessHost(text: string): string | undefined {
  const host = text.replace(/^[a-z]+:\/\//i, '').replace(/[/?#].*$/, '')
  const normalized = normalizeHost(isIPv6(host) ? `[${host}]` : host)
  if (normalized !== undefined) return normalized === ANY_HOST ? undefined : normalized
  return /\P{ASCII}/u.test(host) ? normalizeHost(domainToASCII(host)) : undefined
}

/** The issue of a key that names a host after `WAF`, which is a single hash with hosts as fields. */
function hostInKey(family: string, rest: string): KeyIssue {
  const host = rest === ANY_HOST ? rest : guessHost(rest)
  const meant = host === undefined ? undefined : `${family} ${host}`
  return { why: `"${family}" is one hash: hosts are its fields`, meant }
}

/** The issue of a key without a name after the host, or without a host. */
function withoutName(family: string, host: string, name: string | undefined): KeyIssue {
  const what = family === 'FILES' ? 'file' : 'name'
  const why = `expected "${family}:<host>:<${what}>"`
  if (name !== undefined) return { why }
  const slash = host.indexOf('/')
  if (slash > 0) {
    const meant = guessHost(host.slice(0, slash))
    const file = host.slice(family === 'FILES' ? slash : slash + 1)
    return { why, meant: join(family, meant, file) }
  }
  return { why, meant: SHARED_NAMES.test(host) ? `${family}:${ANY_HOST}:${host}` : undefined }
}

/** The issue of `FILES:<host>:8080:/x`: the port became a part of the file's name. */
function findFileIssue(family: string, host: string, name = ''): KeyIssue | undefined {
  const [, rest] = /^\d+:(\/.*)$/s.exec(name) ?? []
  if (family !== 'FILES' || rest === undefined) return undefined
  return { why: 'a host is stored without its port', meant: join(family, host, rest) }
}

function join(family: string, host: string | undefined, name?: string): string | undefined {
  if (host === undefined) return undefined
  return name === undefined ? `${family}:${host}` : `${family}:${host}:${name}`
}
