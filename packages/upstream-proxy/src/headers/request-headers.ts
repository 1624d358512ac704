import { type Identity, withDashes } from '@reliw/http'
import type { Target } from '@reliw/model'
import { withoutCookies } from '@reliw/options'
import { rewriteDestination } from './destination.ts'
import { appendForwarded, type Forwarded, isForwarded } from './forwarded.ts'
import { readConnection, removeNamed } from './hop-by-hop.ts'
import { afterPublicHost, type OriginContext, type ReceivedRequest } from './received-request.ts'
import { rewriteReferences } from './references.ts'
import { requestKind } from './request-kind.ts'
import { isTraceparent, traceIdOf } from './traceparent.ts'
import { appendVia } from './via.ts'

/** Values combined from one or several headers, which are added at the end. */
interface Collected extends Forwarded {
  /** The names listed in Connection, in lower case. */
  named: Set<string> | undefined
  takesTrailers: boolean
  via: string | undefined
  traceparent: string | undefined
  tracestate: string | undefined
  forwardedFor: string | undefined
  forwardedHost: string | undefined
  forwardedProto: string | undefined
  forwardedPort: string | undefined
  forwardedPrefix: string | undefined
}

/**
 * security: characters that end a header line for some implementations; obsolete folded values contain them (RFC 9112
 * 5.2).
 */
const LINE_END = /[\r\n\0]/

/**
 * The headers of the request to an origin. Headers of the client's connection and of the body's framing are removed.
 * Our own Via, X-Forwarded-For, -Host, -Proto, -Port and -Prefix, X-Real-IP, X-Request-ID and traceparent are added,
 * and Remote-User and Remote-Groups for an authenticated client. security: the client's values of these count only when
 * the peer is a trusted proxy, and the upstream's `forwarded` says how.
 *
 * Origin and Referer that name the public host are rewritten to the target, unless the host is preserved, because
 * origins compare them with Host. Other values are kept: the origin's own CSRF and CORS checks need them.
 *
 * security: other headers that assert the client's identity, its address or the requested resource (`requestKind`), and
 * the upstream's `drop_headers`, are passed on from a trusted proxy only.
 *
 * Withheld cookies and headers are left out, whoever sends them; a Cookie header that is then empty is left out as
 * well. Headers with CR, LF or NUL in their value are dropped. Never throws.
 *
 * @returns name, value, name, value, …
 */
export function rewriteRequestHeaders(request: ReceivedRequest, context: OriginContext): string[] {
  const collected: Collected = {
    named: undefined,
    takesTrailers: false,
    via: undefined,
    traceparent: undefined,
    tracestate: undefined,
    forwardedFor: undefined,
    forwardedHost: undefined,
    forwardedProto: undefined,
    forwardedPort: undefined,
    forwardedPrefix: undefined
  }
  const headers = sift(request, context, collected)
  // security: before our headers are added, or a client could remove them by naming them in Connection.
  if (collected.named !== undefined) removeNamed(headers, collected.named)
  if (collected.takesTrailers) headers.push('te', 'trailers')
  headers.push('Via', appendVia(collected.via, request.httpVersion, context.pseudonym))
  appendForwarded(headers, request, collected, context.upstream)
  headers.push('X-Request-ID', request.requestId)
  if (request.identity !== undefined) appendIdentity(headers, request.identity)
  appendTrace(headers, request.traceparent, collected, context)
  return headers
}

function sift(request: ReceivedRequest, context: OriginContext, collected: Collected): string[] {
  const { publicHost, isTrusted, withheld } = request
  const { target, upstream } = context
  const rawHeaders = withoutBroken(request.rawHeaders)
  const headers: string[] = []
  let cookieAt = -1
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const value = rawHeaders[at + 1] ?? ''
    const kind = requestKind(name)
    if (kind === 'dropped' || (!isTrusted && isListed(name, upstream.drop_headers))) continue
    if (isListed(name, withheld?.headers)) continue
    if (kind === 'end-to-end') headers.push(name, value)
    else if (kind === 'origin' || kind === 'referer') {
      headers.push(name, upstream.preserve_host ? value : atTarget(value, publicHost, target))
    } else if (kind === 'cookie') {
      const kept = withheld === undefined ? value : withoutCookies(value, withheld.cookies)
      if (kept === undefined) continue
      // HTTP/2 clients may split the Cookie header, which HTTP/1 does not allow (RFC 9113 8.2.3).
      if (cookieAt === -1) cookieAt = headers.push(name, kept) - 1
      else headers[cookieAt] += `; ${kept}`
    } else if (kind === 'destination') {
      headers.push(name, rewriteDestination(value, request, context))
    } else if (kind === 'if') {
      const rewrite = (tag: string): string => rewriteDestination(tag, request, context)
      headers.push(name, rewriteReferences(value, rewrite))
    } else if (kind === 'identity') {
      // security: an untrusted client could claim any identity. Our own takes precedence over that of a trusted proxy.
      if (isTrusted && request.identity === undefined) headers.push(name, value)
    } else if (kind !== 'asserted') collect(collected, kind, value, isTrusted)
    else if (isTrusted && !(upstream.forwarded === 'none' && isForwarded(name)))
      headers.push(name, value)
  }
  return headers
}

/** Whether a header is in the list, in any spelling. */
function isListed(name: string, dropped: readonly string[] | undefined): boolean {
  if (dropped === undefined || dropped.length === 0) return false
  return dropped.includes(withDashes(name.toLowerCase()))
}

function withoutBroken(rawHeaders: readonly string[]): readonly string[] {
  // One test of all values together takes a fifth of the time of a test per value.
  let values = ''
  for (let at = 1; at < rawHeaders.length; at += 2) values += rawHeaders[at]
  if (!LINE_END.test(values)) return rawHeaders
  return rawHeaders.filter((_, at) => !LINE_END.test(rawHeaders[at | 1] ?? ''))
}

function collect(
  collected: Collected,
  kind: 'connection' | 'te' | 'via' | 'traceparent' | 'tracestate' | `forwarded ${string}`,
  value: string,
  isTrusted: boolean
): void {
  if (kind === 'connection') collected.named = readConnection(value, collected.named)
  else if (kind === 'te') collected.takesTrailers ||= hasTrailers(value)
  else if (kind === 'via') collected.via = join(collected.via, value)
  // Several values of a single-value header are joined as well: the result is invalid then.
  else if (!isTrusted) return
  else if (kind === 'traceparent') collected.traceparent = join(collected.traceparent, value)
  else if (kind === 'tracestate') collected.tracestate = join(collected.tracestate, value)
  else if (kind === 'forwarded for') collected.forwardedFor = join(collected.forwardedFor, value)
  else if (kind === 'forwarded host') collected.forwardedHost = join(collected.forwardedHost, value)
  else if (kind === 'forwarded proto')
    collected.forwardedProto = join(collected.forwardedProto, value)
  else if (kind === 'forwarded port') collected.forwardedPort = join(collected.forwardedPort, value)
  else collected.forwardedPrefix = join(collected.forwardedPrefix, value)
}

function join(list: string | undefined, value: string): string {
  return list ? `${list}, ${value}` : value
}

function hasTrailers(te: string): boolean {
  return (
    te === 'trailers' || te.split(',').some((coding) => coding.trim().toLowerCase() === 'trailers')
  )
}

/** An Origin or Referer rewritten to the target; the same string when it names another host. */
function atTarget(url: string, publicHost: string, target: Target): string {
  const rest = afterPublicHost(url, publicHost)
  return rest === undefined ? url : `${target.scheme}://${target.authority}${rest}`
}

/** Names with characters that headers cannot contain are percent-encoded (RFC 3986 2.1), as UTF-8. */
function appendIdentity(headers: string[], { user, groups }: Identity): void {
  headers.push('Remote-User', inAscii(user))
  if (groups.length > 0) headers.push('Remote-Groups', groups.map(inList).join(','))
}

function inList(group: string): string {
  return group.includes(',') ? encodeURIComponent(group.toWellFormed()) : inAscii(group)
}

function inAscii(name: string): string {
  return /^[\x21-\x7E]+( [\x21-\x7E]+)*$/.test(name)
    ? name
    : encodeURIComponent(name.toWellFormed())
}

/** The peer's tracestate belongs to its own trace (W3C Trace Context 3.3), and is passed on with that trace only. */
function appendTrace(
  headers: string[],
  own: string | undefined,
  { traceparent, tracestate }: Collected,
  { newTraceparent }: OriginContext
): void {
  const received = valid(traceparent)
  const sent = valid(own) ?? received ?? newTraceparent()
  headers.push('traceparent', sent)
  if (tracestate && received !== undefined && traceIdOf(received) === traceIdOf(sent))
    headers.push('tracestate', tracestate)
}

function valid(traceparent: string | undefined): string | undefined {
  return traceparent !== undefined && isTraceparent(traceparent) ? traceparent : undefined
}
