import {
  type AuthRule,
  type AuthSettings,
  decodeRoutes,
  defaultSettings,
  Entry,
  type Routes,
  Settings,
  type Store
} from '@reliw/model'
import { checkPath } from '@reliw/options'
import { parseJson } from '../parse-json.ts'
import type { Site } from './site-document.ts'

/** The parts of a host's configuration that its `auth` rules depend on. */
export interface AuthOfHost {
  readonly host: string
  readonly settings: AuthSettings
  /** The entry that the path of the login page leads to; undefined when no route leads there. */
  readonly loginEntry: string | undefined
}

/**
 * @param settings stored value of `SITE:<host>`; an invalid one counts as missing
 * @param routes stored value of `API:<host>`; an invalid one counts as missing
 */
export function authOfHost(
  keys: Store['keys'],
  host: string,
  settings: Buffer | undefined,
  routes: Buffer | undefined
): AuthOfHost {
  const { auth } = Settings.safeParse(parseJson(settings)).data ?? defaultSettings
  const path = checkPath(auth.login_path)
  const loginEntry =
    routes === undefined || path === undefined
      ? undefined
      : matchIn(keys.routes(host), routes, path)
  return { host, settings: auth, loginEntry }
}

export function authOfSite(keys: Store['keys'], { host, settings, routes }: Site): AuthOfHost {
  return authOfHost(keys, host, toBytes(settings), toBytes(routes))
}

function toBytes(value: unknown): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(JSON.stringify(value))
}

/**
 * A message when an entry's `auth` rule needs something that its host does not have; undefined when nothing is missing.
 */
export function describeGap(
  keys: Store['keys'],
  id: string,
  entry: unknown,
  { host, settings, loginEntry }: AuthOfHost
): string | undefined {
  const rule = ruleOf(entry)
  if (rule === undefined) return undefined
  const [key, site] = [keys.entry(host, id), keys.settings(host)]
  for (const method of ['jwt', 'forward'] as const) {
    if (rule.any.includes(method) && settings[method] === undefined)
      return `${key}: auth.any: "${method}" requires auth.${method} in ${site}`
  }
  if (loginEntry !== id || !rule.any.includes('session')) return undefined
  const path = settings.login_path
  return `${key}: auth: the entry serves the login page ${path} as well, which causes a redirect loop: give ${path} a route to an entry with auth {"login": true}`
}

/** The `auth` rule of an entry; undefined when it has none, or is a login or logout page. */
function ruleOf(entry: unknown): AuthRule | undefined {
  const auth = Entry.safeParse(entry).data?.auth
  return auth === undefined || 'page' in auth ? undefined : auth
}

/** The matching entry; also undefined when the routes are invalid or matching takes too long. */
function matchIn(key: string, raw: Buffer, path: string): string | undefined {
  try {
    const routes: Routes = decodeRoutes(key, raw)
    return routes.match(path)
  } catch {
    return undefined
  }
}
