import { ANY_HOST, InvalidValue, type Live, type Store } from '@reliw/model'

/** The common name, in keys, of all hosts that are not sites; no real host can have this name. */
export const UNKNOWN_HOST = `${ANY_HOST}unknown`

/** Returns the name of a host as part of a key. Neither throws nor rejects. */
export type NameHost = (host: string) => Live<string>

/**
 * Returns how hosts are named in keys. A site is a host with routes or an upstream.
 *
 * security: clients choose the host, and each name has its own budgets. Without a common name for unknown hosts, an
 * attacker would get a fresh budget with every invented host, and could fill the store with keys.
 */
export function hostsOf(store: Store | undefined): NameHost {
  if (store === undefined) return (host) => host
  const { sites } = store
  return (host) => {
    const hasRoutes = isStored(() => sites.routes(host))
    if (hasRoutes === true) return host
    if (hasRoutes instanceof Promise) return nameLater(hasRoutes, host)
    const hasUpstream = isStored(() => sites.proxy(host))
    return hasUpstream instanceof Promise ? nameLater(hasUpstream, host) : nameIf(hasUpstream, host)
  }

  async function nameLater(isSite: Promise<boolean>, host: string): Promise<string> {
    return nameIf((await isSite) || (await isStored(() => sites.proxy(host))), host)
  }
}

function nameIf(isSite: boolean, host: string): string {
  return isSite ? host : UNKNOWN_HOST
}

/** Whether a value is stored, valid or not. While the store is unavailable, unknown values count as missing. */
function isStored(read: () => Live<unknown>): Live<boolean> {
  try {
    const value = read()
    return value instanceof Promise
      ? value.then((found) => found !== undefined, isInvalid)
      : value !== undefined
  } catch (error) {
    return isInvalid(error)
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof InvalidValue
}
