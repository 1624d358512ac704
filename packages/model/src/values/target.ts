import { isIPv6 } from 'node:net'
import { normalizeHost, Port } from '@reliw/options'
import * as z from 'zod'

/** Schemes of an origin. */
export const Scheme = z.enum(['http', 'https'])
export type Scheme = z.output<typeof Scheme>

/** An origin: one server address to which requests can be forwarded. */
export interface Target {
  readonly scheme: Scheme
  /** A DNS name, or an IP address without brackets; `localhost` for a Unix socket. */
  readonly host: string
  /** 0 for a Unix socket. */
  readonly port: number
  /** Path of the Unix socket that is used instead of host and port. */
  readonly path?: string
  /** Share of the requests, relative to the other origins. */
  readonly weight: number
  /** Whether the origin gets no further requests. */
  readonly drain?: true
  /** Value of the Host header; has the port only if it is not the scheme's default. */
  readonly authority: string
}

/** Parsed text of a target; parts that the text omits are undefined. */
export interface ParsedTarget {
  scheme: Scheme | undefined
  host: string
  port: number | undefined
  path?: string
}

const DEFAULT_PORT: Readonly<Record<Scheme, number>> = { http: 80, https: 443 }
const UNIX = 'unix:'
/** Longest path of a Unix socket, in bytes (Linux, unix(7)). */
const MAX_SOCKET_PATH = 107
const FORMS =
  'expected host, host:port, http(s)://host:port or unix:/path, an IPv6 address in brackets'

const TargetText = z.string().transform((text, context): ParsedTarget => {
  const parsed = text.startsWith(UNIX) ? readSocket(text) : readAddress(text)
  if (typeof parsed !== 'string') return parsed
  context.addIssue(parsed)
  return z.NEVER
})

/** `target`: host, host:port, a URL without a path, or unix:/path. */
export const PlainTarget = TargetText.transform((target): WrittenTarget => ({ target, weight: 1 }))

/** One of `targets`: the text of {@link PlainTarget}, or an object with it. */
export const AnyTarget = z.union(
  [
    PlainTarget,
    z.strictObject({
      target: TargetText.describe('Like a target that is a text.'),
      scheme: Scheme.optional().describe('Scheme, if the text names none.'),
      port: Port.optional().describe('Port, if the text names none.'),
      weight: z
        .int()
        .min(1)
        .max(1000)
        .default(1)
        .describe(
          'Share relative to the other targets, with lb "weighted", "least_connections" and "hash".'
        ),
      drain: z
        .boolean()
        .optional()
        .describe(
          'Whether the origin gets no further requests; those under way, and open WebSockets, are completed.'
        )
    })
  ],
  'expected a target such as "10.0.0.5:8080", or an object with a target'
)

/** A target as an operator writes it. */
export interface WrittenTarget {
  target: ParsedTarget
  scheme?: Scheme | undefined
  port?: number | undefined
  weight: number
  drain?: boolean | undefined
}

/** The origin of a target: its text takes precedence over the fields next to it, and these over the upstream's. */
export function completeTarget(
  { target, weight, drain, ...own }: WrittenTarget,
  upstream: { scheme: Scheme; port?: number | undefined }
): Target {
  const { host, path } = target
  const scheme = target.scheme ?? own.scheme ?? upstream.scheme
  const drained = drain === true ? { drain } : {}
  if (path !== undefined)
    return { scheme, host, port: 0, path, weight, ...drained, authority: host }
  const port = target.port ?? own.port ?? upstream.port ?? DEFAULT_PORT[scheme]
  const name = isIPv6(host) ? `[${host}]` : host
  const authority = port === DEFAULT_PORT[scheme] ? name : `${name}:${port}`
  return { scheme, host, port, weight, ...drained, authority }
}

// security: validation issues never quote the text, since a URL can hold a password.

function readSocket(text: string): ParsedTarget | string {
  const path = text.slice(UNIX.length).replace(/^\/+/, '/')
  if (!/^\/[^\0]+$/.test(path)) return 'expected an absolute path after "unix:"'
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    return `the path of a Unix socket has at most ${MAX_SOCKET_PATH} bytes`
  }
  return { scheme: undefined, host: 'localhost', port: undefined, path }
}

function readAddress(text: string): ParsedTarget | string {
  const [, named, place = '', rest] = /^(?:([^/?#]*):\/\/)?([^/?#]*)(.*)$/s.exec(text) ?? []
  const scheme = Scheme.optional().safeParse(named?.toLowerCase())
  if (!scheme.success) return 'expected http or https before "://"'
  // A URL requires brackets around an IPv6 address (RFC 3986 3.2.2): "http://::1:80" names no port.
  const authority = named === undefined && isIPv6(place) ? `[${place}]` : place
  const host = normalizeHost(authority)
  // A trailing colon means that the port was forgotten, not that it was omitted.
  if (host === undefined || authority.endsWith(':')) return FORMS
  if (rest !== '' && rest !== '/') return 'an origin has no path: use add_prefix for one'
  const port = /:(\d+)$/.exec(authority)?.[1]
  return { scheme: scheme.data, host, port: port === undefined ? undefined : Number(port) }
}
