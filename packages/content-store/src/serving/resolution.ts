import type { LuaPattern } from '@reliw/lua-pattern'
import type { Entry, Redirect, Upstream } from '@reliw/model'
import type { FastifyError, FastifyReply } from 'fastify'
import type { Encoding } from '../http/accept.ts'
import { CannotServe, MethodNotAllowed, NoSite, NotAvailable, NotFound } from '../errors.ts'
import type { Body } from './body.ts'

/** A file too large for the cache: it is opened for each response. */
export interface LargeFile {
  root: string
  segments: readonly string[]
  size: number
  etag: string
  /** Identity of the file when it was found; see `OpenFile`. */
  identity: string
}

/** One representation of content. */
export interface Representation {
  body: Body | LargeFile
  /**
   * Name, value, name, value, …: the headers that every response with this representation has, in any content coding.
   */
  headers: readonly string[]
  /** Milliseconds since the epoch; undefined where no single time covers the whole representation. */
  lastModified: number | undefined
  /** Complete header lists by content coding, each made for its first response. */
  finished: Map<string, readonly string[]>
  /** The same content in content codings, from compressed files on disk; undefined when there are none. */
  precompressed?: ReadonlyMap<Encoding, Representation>
}

/** The result of resolving a path; cached until something that it was made from changes. */
export type Resolution = Resolved & {
  /** It came from the cache, and the store was not available to confirm that it is current. */
  isStale?: true
}

type Resolved =
  | {
      kind: 'content'
      /** `page`: a rendered document in a layout; `file`: all other content. */
      responseKind: 'file' | 'page'
      entry: Entry
      allow: string
      representation: Representation
      source?: Representation
      /** Served because the path leads to no file: only for GET and HEAD. */
      isFallback?: boolean
    }
  /** A directory on disk, whose pages are made on demand: see `Listings`. */
  | { kind: 'listing'; entry: Entry; allow: string; id: string; path: string }
  | { kind: 'directory'; entry: Entry; allow: string; location: string }
  | {
      kind: 'redirect'
      entry: Entry
      allow: string
      to: Redirect
      /** The pattern of the route; undefined for an exact route. */
      pattern: LuaPattern | undefined
    }
  | { kind: 'login'; entry: Entry; allow: string }
  | { kind: 'upstream'; entry: Entry; allow: string; name: string; upstream: Upstream }
  | { kind: 'refusal'; status: 404 | 500 | 501; entry?: Entry; reason: string }

/** The reason of a refusal where no site serves the host. */
export const NO_SITE = 'no site'

export type ContentResolution = Extract<Resolution, { kind: 'content' }>
export type ListingResolution = Extract<Resolution, { kind: 'listing' }>
export type RedirectResolution = Extract<Resolution, { kind: 'redirect' }>
export type UpstreamResolution = Extract<Resolution, { kind: 'upstream' }>
export type Refusal = Extract<Resolution, { kind: 'refusal' }>

/** Whether an entry is a login or logout page, which another package makes. */
export function isLoginPage({ auth }: Entry): boolean {
  return auth !== undefined && 'page' in auth
}

/** The methods of an entry as an Allow header. HEAD is allowed with GET unless the entry sets it. */
export function allowHeader({ methods }: Entry): string {
  const names = Object.keys(methods).filter((name) => methods[name])
  if (methods['GET'] && methods['HEAD'] === undefined) names.push('HEAD')
  return names.join(', ')
}

/** Whether an entry allows a method. */
export function isAllowed({ methods }: Entry, method: string): boolean {
  return methods[method] ?? (method === 'HEAD' && methods['GET'] === true)
}

/**
 * Refuses a method that the entry does not allow; sets `Allow`.
 *
 * @throws MethodNotAllowed
 */
export function mustAllow(
  { entry, allow }: Exclude<Resolution, Refusal>,
  reply: FastifyReply
): void {
  if (isAllowed(entry, reply.request.method)) return
  reply.header('allow', allow)
  throw new MethodNotAllowed()
}

/** The error that is thrown for a refusal. */
export function refusalOf({ status, reason }: Refusal): FastifyError {
  if (status === 404) return reason === NO_SITE ? new NoSite() : new NotFound()
  return status === 501 ? new NotAvailable(reason) : new CannotServe(reason)
}
