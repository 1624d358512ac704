import type { LookupAddress } from 'node:dns'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { callbackify } from 'node:util'
import { OriginFailure } from '../exchange.ts'
import type { ConnectOptions } from './connect.ts'
import type { Inlet } from './inlet.ts'
import { opened } from './opened.ts'
import { isPrivate } from './private-addresses.ts'
import type { NameResolver } from './resolver.ts'

/** Idle time before TCP keep-alive probes, in milliseconds. */
const PROBE_AFTER = 30_000
/**
 * Delay before the next address is tried, in milliseconds; with Node's default of 250, a busy process would give up
 * good addresses.
 */
const NEXT_AFTER = 1000
const TCP = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: PROBE_AFTER,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: NEXT_AFTER
}

/** Opens a connection by TCP or to a Unix socket. Rejects with OriginFailure; no connection stays open then. */
export async function openTcp(
  options: Omit<ConnectOptions, 'protocols'>,
  inlet?: Inlet
): Promise<Socket> {
  const { target, settings, signal } = options
  const { host, port, path } = target
  const place = path ?? target.authority
  const isLocal = path !== undefined || (isIP(host) !== 0 && isPrivate(host))
  if (isLocal && !settings.allow_private) throw forbidden(place)
  const lookup = lookupWith(options)
  const reading = inlet && { onread: inlet.onread }
  const socket = connect(
    path === undefined ? { host, port, lookup, ...TCP, ...reading } : { path, ...reading }
  )
  try {
    const { connect: ms } = settings.timeouts
    await opened(socket, { event: 'connect', ms, signal, what: `connecting to ${place}` })
    return socket
  } catch (cause) {
    if (cause instanceof OriginFailure) throw cause
    const message = `no connection to ${place}: ${reasonOf(cause)}`
    throw new OriginFailure('connect', message, { isUnsent: true, cause })
  }
}

/** Resolves names inside `net.connect`, so that destroying the socket stops everything. */
function lookupWith(options: Pick<ConnectOptions, 'names' | 'settings'>): LookupFunction {
  const resolve = callbackify(async (name: string) => allowedAddresses(name, options))
  return (name, _options, callback) =>
    resolve(name, (error, addresses) => callback(error, addresses ?? []))
}

async function allowedAddresses(
  name: string,
  { names, settings }: Pick<ConnectOptions, 'names' | 'settings'>
): Promise<LookupAddress[]> {
  const addresses = await resolved(name, names)
  const isAllowed = ({ address }: LookupAddress): boolean =>
    settings.allow_private || !isPrivate(address)
  const allowed = addresses.filter(isAllowed)
  if (allowed.length === 0) throw forbidden(name)
  return allowed
}

async function resolved(name: string, names: NameResolver): Promise<readonly LookupAddress[]> {
  try {
    return await names.lookup(name)
  } catch (cause) {
    const message = `${name} does not resolve: ${reasonOf(cause)}`
    throw new OriginFailure('connect', message, { isUnsent: true, cause })
  }
}

function forbidden(place: string): OriginFailure {
  const message = `${place} is a private address, and allow_private is false`
  return new OriginFailure('forbidden', message, { isUnsent: true })
}

/** The error code; several, joined, for several addresses. */
function reasonOf(error: unknown): string {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error]
  const reasons = errors.map((one) => (one as NodeJS.ErrnoException).code ?? String(one))
  return [...new Set(reasons)].join(', ')
}
