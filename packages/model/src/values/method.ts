import { nearest } from '@reliw/options'
import * as z from 'zod'

/** The form that methods have whose requests can be read. */
export const METHOD = /^[A-Z]+(?:-[A-Z]+)*$/

/** A method, as entries and limits name it. */
export const Method = z.string().regex(METHOD, 'expected a method such as "GET"')

/** An import of the module would load the HTTP client behind `fetch` too: 30 ms of each command. */
const { METHODS } = process.getBuiltinModule('node:http')
/** Methods whose requests reach a site: the parser reads no others, and CONNECT is refused. */
const READ = METHODS.filter((method) => method !== 'CONNECT')

/** Why naming a method has no effect, and which one was meant; undefined where it has one. */
export function idleMethod(method: string): string | undefined {
  if (READ.includes(method)) return undefined
  const meant = nearest(method, READ)
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
  return `no effect: requests with "${method}" are refused by the server itself (501)${hint}`
}
