/** Methods with a label value of their own; all others are `other`. */
export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'QUERY',
  'other'
] as const

/** Source of the response: the kind of entry, an upstream of the whole host, or none, as for refusals. */
export const KINDS = ['none', 'file', 'page', 'redirect', 'upstream', 'login'] as const
export type Kind = (typeof KINDS)[number]

const INDEXES = new Map<string, number>(METHODS.map((method, at) => [method, at]))
const KIND_INDEXES = new Map<string, number>(KINDS.map((kind, at) => [kind, at]))

export function indexOfMethod(method: string): number {
  return INDEXES.get(method) ?? METHODS.length - 1
}

export function indexOfKind(kind: Kind): number {
  return KIND_INDEXES.get(kind) ?? 0
}
