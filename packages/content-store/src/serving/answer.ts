import type { Entry, Upstream } from '@reliw/model'
import type { FastifyError, FastifyReply } from 'fastify'
import { CannotServe, MethodNotAllowed, NotAvailable, NotFound } from '../errors.ts'
import type { Body } from './body.ts'

/** A file too large to keep: opened for each answer. */
export interface LargeFile {
  root: string
  segments: readonly string[]
  size: number
  etag: string
  /** What the file was when the answer was made; see `OpenFile`. */
  identity: string
}

/** One form in which content can be had. */
export interface Representation {
  body: Body | LargeFile
  /** Name, value, name, value, …: what every answer of this form carries, whatever its coding. */
  headers: readonly string[]
  /** Milliseconds since the epoch, where it says something about the whole representation. */
  lastModified: number | undefined
  /** Finished header lists by coding, made at the first answer. */
  finished: Map<string, readonly string[]>
}

/** What a path gives, kept until something it was made from changes. */
export type Answer = Given & {
  /** It was kept, and the store could not confirm it. */
  isStale?: true
}

type Given =
  | {
      kind: 'content'
      /** A page was made and put into a layout; a file is anything else. */
      shows: 'file' | 'page'
      entry: Entry
      allow: string
      page: Representation
      source?: Representation
    }
  | { kind: 'redirect'; entry: Entry; allow: string; location: string }
  | { kind: 'page'; entry: Entry; allow: string }
  | { kind: 'upstream'; entry: Entry; allow: string; name: string; upstream: Upstream }
  | { kind: 'refusal'; status: 404 | 500 | 501; entry?: Entry; reason: string }

export type ContentAnswer = Extract<Answer, { kind: 'content' }>
export type UpstreamAnswer = Extract<Answer, { kind: 'upstream' }>
type Refusal = Extract<Answer, { kind: 'refusal' }>

/** Whether an entry is a page that another package makes: the login or logout page. */
export function isPage({ auth }: Entry): boolean {
  return auth !== undefined && 'page' in auth
}

/** The methods of an entry as an Allow header. HEAD follows GET unless it is named. */
export function allowed({ methods }: Entry): string {
  const names = Object.keys(methods).filter((name) => methods[name])
  if (methods['GET'] && methods['HEAD'] === undefined) names.push('HEAD')
  return names.join(', ')
}

/** Whether an entry answers a method. */
export function isAllowed({ methods }: Entry, method: string): boolean {
  return methods[method] ?? (method === 'HEAD' && methods['GET'] === true)
}

/**
 * Refuses a method that the entry of an answer does not answer; the response says which it does.
 *
 * @throws MethodNotAllowed
 */
export function mustAllow({ entry, allow }: Exclude<Answer, Refusal>, reply: FastifyReply): void {
  if (isAllowed(entry, reply.request.method)) return
  reply.header('allow', allow)
  throw new MethodNotAllowed()
}

/** The error that a refusal is answered as. */
export function refusalOf({ status, reason }: Refusal): FastifyError {
  if (status === 404) return new NotFound()
  return status === 501 ? new NotAvailable(reason) : new CannotServe(reason)
}
