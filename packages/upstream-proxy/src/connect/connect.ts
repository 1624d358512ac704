import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Target, Upstream } from '@reliw/model'
import { OriginFailure } from '../exchange.ts'
import { Inlet } from './inlet.ts'
import type { NameResolver } from './resolver.ts'
import { openTcp } from './tcp.ts'
import { openTls } from './tls.ts'

/** The upstream settings needed to connect. */
export type ConnectSettings = Pick<
  Upstream,
  'allow_private' | 'tls_verify' | 'tls_server_name' | 'tls_handshake_timeout'
> & { readonly timeouts: Pick<Upstream['timeouts'], 'connect'> }

export interface ConnectOptions {
  readonly target: Target
  readonly settings: ConnectSettings
  readonly names: NameResolver
  /** For https: trusted authorities and the client certificate. Default: the authorities that Node trusts. */
  readonly context?: SecureContext | Promise<SecureContext>
  /** The protocols offered to an https origin (ALPN, RFC 7301), the preferred one first. */
  readonly protocols: readonly string[]
  readonly signal?: AbortSignal
  /**
   * Gives the connection an inlet, if it is in clear text. Not for a connection that is to be handed over as a stream.
   */
  readonly withInlet?: boolean
  /** Bytes that are sent first, in clear text, before any TLS handshake. */
  readonly preface?: Buffer | undefined
}

/**
 * A connection to an origin, and its protocol. The socket has an error listener, so an error cannot end the process.
 */
export interface Connection {
  readonly socket: Socket
  readonly protocol: 'http/1.1' | 'h2'
  /** If set, data is read through the inlet instead of the stream. */
  readonly inlet?: Inlet
}

/**
 * Connects to an origin. Rejects only with OriginFailure: `connect`, `forbidden`, `tls` or `connect timeout`; then, as
 * after an abort, no connection stays open.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { target, names, signal } = options
  try {
    if (target.scheme === 'http') {
      const inlet = options.withInlet === true ? new Inlet() : undefined
      const socket = await openPrefaced(options, inlet)
      return { socket, protocol: 'http/1.1', ...(inlet && { inlet }) }
    }
    const context = await loaded(options.context)
    return await openTls(await openPrefaced(options), context, options)
  } catch (error) {
    // The name may have other addresses by now.
    if (signal?.aborted !== true) names.forget(target.host)
    throw error
  }
}

async function openPrefaced(options: ConnectOptions, inlet?: Inlet): Promise<Socket> {
  const socket = await openTcp(options, inlet)
  if (options.preface !== undefined) socket.write(options.preface)
  return socket
}

async function loaded(context: ConnectOptions['context']): Promise<SecureContext | undefined> {
  try {
    return await context
  } catch (cause) {
    const { message } = cause as Error
    throw new OriginFailure('tls', message, { isUnsent: true, cause })
  }
}
