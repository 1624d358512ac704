// The rule that has to decide, found in plain loops without a cache.

import { pathReadings } from '@reliw/options'
import { compilePattern } from '@reliw/lua-pattern'

export interface Exclusion {
  rule?: string
  path?: string
  header?: string
}

export interface Rules {
  query: string[]
  headers: Record<string, string[]>
  exclusions: Exclusion[]
}

export interface Request {
  target: string
  headers: (readonly [name: string, value: string])[]
}

function decode(target: string): string {
  const [path = '', ...rest] = target.split('?')
  const spaced = [path, ...rest.map((part) => part.replaceAll('+', ' '))].join('?')
  return spaced.replaceAll(/%[\da-f]{2}/gi, (code) =>
    String.fromCharCode(Number(`0x${code.slice(1)}`))
  )
}

/** As it came, decoded once, and as others may read the path. */
function formsOf(target: string): string[] {
  const at = `${target}?`.indexOf('?')
  const paths = pathReadings(target.slice(0, at)) ?? []
  return [target, decode(target), ...paths.map((path) => path + decode(target.slice(at)))]
}

/** Whether an exclusion holds. */
function holds(exclusion: Exclusion, where: string, name: string, source: string, path: string) {
  if (exclusion.rule !== undefined && ![name, source].includes(exclusion.rule)) return false
  if (exclusion.header !== undefined && where !== `header:${exclusion.header}`) return false
  return exclusion.path === undefined || path.startsWith('/b')
}

/** The rule that decides, found without haste. */
export function decisive(
  sets: readonly (readonly [string, Rules])[],
  { target, headers }: Request
) {
  const exclusions = sets.flatMap(([, rules]) => rules.exclusions)
  const path = decode(target.replace(/\?.*/, '')).replaceAll(/\/+/g, '/')
  for (const [owner, rules] of sets) {
    const inHeaders = Object.entries(rules.headers).flatMap(([name, patterns]) =>
      headers
        .filter(([other]) => other === name)
        .map(([, value]) => [`header:${name}`, patterns, [value]] as const)
    )
    const places = [['query', rules.query, formsOf(target)] as const, ...inHeaders]
    for (const [where, patterns, values] of places) {
      for (const [at, source] of patterns.entries()) {
        if (!values.some((value) => compilePattern(source).test(value))) continue
        const name = `${owner}/${where}/${at + 1}`
        if (!exclusions.some((one) => holds(one, where, name, source, path))) return name
      }
    }
  }
  return undefined
}
