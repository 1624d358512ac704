import { InvalidValue, type Store } from '@reliw/model'
import type { IsSite } from './requests/hosts.ts'

/** Recognizes hosts that have routes or an upstream in the store, even invalid ones. */
export function sitesIn({ sites }: Store): IsSite {
  return (host) => {
    const hasRoutes = isThere(() => sites.routes(host))
    if (hasRoutes === true) return true
    const hasUpstream = isThere(() => sites.proxy(host))
    if (hasUpstream === true) return true
    if (!(hasRoutes instanceof Promise || hasUpstream instanceof Promise)) return false
    return Promise.all([hasRoutes, hasUpstream]).then((either) => either.includes(true))
  }
}

function isThere(ask: () => unknown): boolean | Promise<boolean> {
  try {
    const found = ask()
    if (!(found instanceof Promise)) return found !== undefined
    return found.then((value) => value !== undefined).catch(isWrong)
  } catch (error) {
    return isWrong(error)
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof InvalidValue
}
