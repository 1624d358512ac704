import { guardPromise, type HostSite } from '@reliw/options'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Finds the site that serves a host; a promise if that must be looked up. `store.sites` is one. */
export interface SiteFinder {
  siteOf(host: string): HostSite | Promise<HostSite>
}

/** Decorator that holds an app's finder of sites. */
const SITES = Symbol('sites')

/**
 * Finds the site of every request from now on, for `request.facts.site`; once per app and store, whichever plugin calls
 * this first. Plugins call it after `useFacts` and before they add hooks that read what is stored.
 *
 * A site that cannot be found, because the store is unavailable, fails no request here: the reads that follow do.
 *
 * @param sites undefined without a store: each host is its own site
 */
export function useSites(fastify: FastifyInstance, sites: SiteFinder | undefined): void {
  if (sites === undefined) return
  const isDeclared = fastify.hasDecorator(SITES)
  if (isDeclared && fastify.getDecorator<Sites>(SITES).finder === sites) return
  // With several stores in one scope, the first names the sites.
  if (Object.hasOwn(fastify, SITES)) return
  fastify.decorate(SITES, { finder: sites } satisfies Sites)
  fastify.addHook('onRequest', (request, reply, next) => findSite(sites, request, reply, next))
}

interface Sites {
  readonly finder: SiteFinder
}

function findSite(
  sites: SiteFinder,
  { facts }: FastifyRequest,
  reply: FastifyReply,
  next: () => void
): void {
  const { host } = facts
  if (host === undefined) return next()
  let site: HostSite | Promise<HostSite>
  try {
    site = sites.siteOf(host)
  } catch {
    return next()
  }
  if (site instanceof Promise) return findLater(site, facts, reply, next)
  facts.hostSite = site
  next()
}

function findLater(
  site: Promise<HostSite>,
  facts: FastifyRequest['facts'],
  reply: FastifyReply,
  goOn: () => void
): void {
  const found = site
    .then((one) => {
      facts.hostSite = one
      return undefined
    })
    .catch(() => undefined)
    .then(() => goOn())
  guardPromise(found, (error) => void reply.send(error))
}
