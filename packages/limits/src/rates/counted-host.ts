import { ANY_HOST, InvalidValue, type Live, type Store } from '@reliw/model'

/** What all hosts that are no sites are called, together: no host has such a name. */
export const UNKNOWN_HOST = `${ANY_HOST}unknown`

/** A host as a part of keys. Neither throws nor rejects. */
export type NameHost = (host: string) => Live<string>

/**
 * Names hosts as parts of keys. A site is a host with routes or an upstream.
 *
 * security: clients choose the host, and each name has budgets of its own: one that is no site must not have any, or
 * a client would never come to the end of them, nor the store to the end of their keys.
 */
export function hostsOf(store: Store | undefined): NameHost {
  if (store === undefined) return (host) => host
  const { sites } = store
  return (host) => {
    const hasRoutes = isThere(() => sites.routes(host))
    if (hasRoutes === true) return host
    if (hasRoutes instanceof Promise) return nameLater(hasRoutes, host)
    const hasUpstream = isThere(() => sites.proxy(host))
    return hasUpstream instanceof Promise ? nameLater(hasUpstream, host) : nameIf(hasUpstream, host)
  }

  async function nameLater(isSite: Promise<boolean>, host: string): Promise<string> {
    return nameIf((await isSite) || (await isThere(() => sites.proxy(host))), host)
  }
}

function nameIf(isSite: boolean, host: string): string {
  return isSite ? host : UNKNOWN_HOST
}

/** Whether there is a value, be it a wrong one. While the store is away, what is not known is not there. */
function isThere(read: () => Live<unknown>): Live<boolean> {
  try {
    const value = read()
    return value instanceof Promise
      ? value.then((found) => found !== undefined, isWrong)
      : value !== undefined
  } catch (error) {
    return isWrong(error)
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof InvalidValue
}
