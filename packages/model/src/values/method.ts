import { nearest } from '@reliw/options'
import * as z from 'zod'

/** Syntax of the methods that Node's HTTP parser reads. */
export const METHOD = /^[A-Z]+(?:-[A-Z]+)*$/

/** A method in entries and rate limits. */
export const Method = z.string().regex(METHOD, 'expected a method such as "GET"')

/** An `import` of the module would also load the HTTP client behind `fetch`: 30 ms for each command. */
const { METHODS } = process.getBuiltinModule('node:http')
/** Methods whose requests reach a site: Node's parser rejects all others, and the server refuses CONNECT. */
const READ = METHODS.filter((method) => method !== 'CONNECT')

/** Why naming a method has no effect, with the method that was probably meant; undefined if it has an effect. */
export function idleMethod(method: string): string | undefined {
  if (READ.includes(method)) return undefined
  const meant = nearest(method, READ)
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
  return `no effect: requests with "${method}" are refused by the server itself (501)${hint}`
}
