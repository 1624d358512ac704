import { InvalidValue, type Store } from '@reliw/model'
import type { IsSite } from './requests/hosts.ts'

/** Recognizes hosts that have routes or an upstream in the store, even invalid ones. */
export function sitesIn({ sites }: Store): IsSite {
  return (host) => {
    const hasRoutes = isStored(() => sites.routes(host))
    if (hasRoutes === true) return true
    const hasUpstream = isStored(() => sites.proxy(host))
    if (hasUpstream === true) return true
    if (!(hasRoutes instanceof Promise || hasUpstream instanceof Promise)) return false
    return Promise.all([hasRoutes, hasUpstream]).then((either) => either.includes(true))
  }
}

function isStored(read: () => unknown): boolean | Promise<boolean> {
  try {
    const found = read()
    if (!(found instanceof Promise)) return found !== undefined
    return found.then((value) => value !== undefined).catch(isInvalid)
  } catch (error) {
    return isInvalid(error)
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof InvalidValue
}
