import type { NginxConfiguration } from '../../peers/nginx.ts'
import { toPcre } from './pattern-parts.ts'
import { byPlace, type Rule } from './rules.ts'

/** nginx looks at each place by a map, whose regular expressions it tries in order. */
export function nginxRules(rules: readonly Rule[]): Required<NginxConfiguration> {
  const places = [...byPlace(rules)]
  const maps = places.map(([where, all], at) => {
    const lines = all.map(({ pattern }) => `${quote(`~${toPcre(pattern)}`)} 1;`)
    return `map $${variableOf(where)} $is_bad_${at} { default 0; ${lines.join(' ')} }`
  })
  const refusals = places.map((_, at) => `if ($is_bad_${at}) { return 403; }`)
  return { http: maps.join('\n'), server: refusals.join('\n') }
}

function variableOf(where: Rule['where']): string {
  return where === 'query' ? 'request_uri' : `http_${where.replaceAll('-', '_')}`
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`
}
