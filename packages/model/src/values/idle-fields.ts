import type { Entry } from './entry.ts'
import { idleClients } from './clients.ts'
import { idleMethod } from './method.ts'

type Field = keyof Entry

/**
 * Fields that locate content or say how it is sent; without effect if an upstream or a built-in page serves the entry.
 */
const OF_CONTENT: readonly Field[] = [
  'file',
  'index',
  'try_extensions',
  'gsub',
  'fallback',
  'listing',
  'title',
  'cache_control',
  'headers'
]
const HEADERS: readonly Field[] = ['cache_control', 'headers']
/** Those that a redirect has no use for: it has no content, but may be cached. */
const OF_CONTENT_ALONE = OF_CONTENT.filter((field) => field !== 'cache_control')
const CHANGE_THEM = 'to change them, use "headers": {"response": {"set": {…}}}'

/**
 * Fields of an entry that have no effect beside its other fields, each with the reason and, where there is one, a
 * suggestion, as in `file: no effect beside "proxy": the origin responds, and no file is served`.
 */
export function idleFields(entry: Entry): string[] {
  const { auth, proxy, redirect, file, methods, rate_limit: rates } = entry
  const issues: string[] = []
  const add = (fields: readonly Field[], reason: (field: Field) => string): void => {
    for (const field of fields)
      if (isGiven(entry, field)) issues.push(`${field}: no effect ${reason(field)}`)
  }
  if (auth !== undefined && 'page' in auth) {
    const page = `{"${auth.page}": true}`
    add(
      [...OF_CONTENT, 'proxy', 'redirect'],
      () => `beside "auth": ${page}: the entry is that page`
    )
  } else if (redirect !== undefined) {
    add([...OF_CONTENT_ALONE, 'proxy'], () => 'beside "redirect": no content is sent')
  } else if (proxy !== undefined) add(OF_CONTENT, besideProxy)
  else if (file !== undefined) {
    add(
      ['index', 'gsub', 'fallback', 'listing'],
      () => 'beside "file", which is served at every path of the entry'
    )
  }
  if (proxy === undefined && entry.headers.rules?.request !== undefined)
    issues.push('headers.request: no effect without "proxy": there is no request to an origin')
  const accepted = Object.keys(methods).filter((method) => methods[method])
  const named = { methods: accepted, rate_limit: [...(rates?.methods.keys() ?? [])] }
  for (const [field, list] of Object.entries(named)) {
    for (const method of list) {
      const why = idleMethod(method)
      if (why !== undefined) issues.push(`${field}.${method}: ${why}`)
    }
  }
  if (rates?.methods.size === 0) {
    issues.push(
      'rate_limit: no effect without a method, such as {"GET": {"limit": 30, "period": 60}}'
    )
  }
  return [...issues, ...idleClients(entry)]
}

function besideProxy(field: Field): string {
  const reason = HEADERS.includes(field)
    ? `the origin sends the headers of its responses; ${CHANGE_THEM}`
    : 'the origin responds, and no file is served'
  return `beside "proxy": ${reason}`
}

/** Whether a field has content: an omitted field, an empty list and an empty object have none. */
function isGiven(entry: Entry, field: Field): boolean {
  const value = field === 'headers' ? entry.headers.content : entry[field]
  if (value === undefined) return false
  return typeof value !== 'object' || field === 'gsub' || Object.keys(value).length > 0
}
