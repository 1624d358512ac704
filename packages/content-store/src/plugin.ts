/** Serves sites from the live store and from files in `data_dir`. Both are current at every request. */

import { respond, useFacts, useHeaderRules, useOutlet, useSites } from '@reliw/http'
import { type Entry, headersOfSite } from '@reliw/model'
import { parseOptions } from '@reliw/options'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Disk } from './files/disk.ts'
import { mustBeFixed, Prefix } from './http/prefix.ts'
import { ContentStoreOptions } from './options.ts'
import { Admission } from './serving/admission.ts'
import { RequestHandler } from './serving/request-handler.ts'
import { Bodies } from './serving/bodies.ts'
import { ErrorPages } from './serving/error-pages.ts'
import { Forwarding } from './serving/forwarding.ts'
import { Listings } from './serving/listings.ts'
import { type LoginPage, renderLoginPage } from './serving/login-page.ts'
import type { CacheState } from './serving/note-resolution.ts'
import { PageRenderer } from './serving/page-renderer.ts'
import { Resolver } from './serving/resolver.ts'
import { SiteErrorPages } from './serving/site-error-pages.ts'
import { SitePaths } from './serving/site-paths.ts'
import { writeThrough } from './serving/write.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Serves the request from the content store; also the handler of the plugin's catch-all route. */
    serveContent: (request: FastifyRequest, reply: FastifyReply) => void
    /** Sends the site's error page for an error; never rejects. The page holds nothing internal. */
    sendErrorPage: (
      error: FastifyError,
      request: FastifyRequest,
      reply: FastifyReply
    ) => Promise<void>
    /**
     * Puts HTML into the layout of a host's login page: `DATA:<host>:login.html`, else the layout of its other pages.
     */
    renderLoginPage: (host: string, page: LoginPage) => Promise<string>
  }
  interface FastifyRequest {
    /** The entry that serves the request, once it is known. */
    entry: Entry | undefined
    /** The entry whose limits the request counts against, once it has been counted. */
    countedEntry: Entry | undefined
    /** Whether the response came from the cache; undefined when it is not from the content store, or after a fault. */
    cache: CacheState | undefined
  }
  interface FastifyReply {
    /** Code, else name, of the error that was sent, such as `RELIW_CONTENT_NOT_FOUND`; undefined when none was. */
    errorCode: string | undefined
  }
}

async function contentStorePlugin(
  fastify: FastifyInstance,
  options: ContentStoreOptions
): Promise<void> {
  const settings = parseOptions('@reliw/content-store', ContentStoreOptions, options)
  const { store, admit_client: admitClient, authorize, limit, forward, is_busy: isBusy } = settings
  mustBeFixed(fastify.prefix)
  const paths = new SitePaths(new Prefix(fastify.prefix, settings.prefix))
  const write = settings.raw ? respond : writeThrough
  const disk = new Disk(settings.data_dir, store.changed, store.dependOn)
  const bodies = new Bodies(store, settings.compression, settings.cache_max_size)
  const pageRenderer = new PageRenderer(store, bodies)
  const listings = new Listings({ store, disk, bodies, pageRenderer })
  const resolver = new Resolver({
    listings,
    store,
    disk,
    bodies,
    pageRenderer,
    maxCachedSize: settings.cache_max_size,
    usesPrecompressed: settings.compression.precompressed
  })
  const admission = new Admission({ admitClient, authorize, limit })
  const forwarding = new Forwarding(resolver, paths, forward)
  const errorPages = new ErrorPages({
    pageRenderer,
    siteErrorPages: new SiteErrorPages(store, resolver, fastify.log),
    write,
    log: fastify.log,
    noSitePage: settings.no_site_page
  })
  const parts = { paths, resolver, listings, admission, forwarding, errorPages, write, isBusy }
  const handler = new RequestHandler(parts)

  useFacts(fastify)
  useSites(fastify, store.sites)
  useHeaderRules(fastify, ({ facts }) => headersOfSite(store, facts.site))
  if (settings.raw) useOutlet(fastify)
  fastify.decorate('serveContent', serve)
  fastify.decorate('sendErrorPage', async (error, request, reply) =>
    errorPages.deliver(error, request, reply)
  )
  fastify.decorate('renderLoginPage', async (host, page) =>
    renderLoginPage(pageRenderer, host, page)
  )
  fastify.decorateRequest('entry', undefined)
  fastify.decorateRequest('countedEntry', undefined)
  fastify.decorateRequest('cache', undefined)
  fastify.decorateReply('errorCode', undefined)
  fastify.register(addRoutes, { prefix: settings.prefix })
  fastify.addHook('onClose', async () => {
    disk.close()
    await pageRenderer.close()
  })

  function serve(_request: FastifyRequest, reply: FastifyReply): void {
    handler.handle(reply)
  }

  async function addRoutes(scope: FastifyInstance): Promise<void> {
    // Content takes no request bodies: they are left unread, whatever their Content-Type.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      // Fastify rejects the Content-Type, which nothing here reads.
      if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return serve(request, reply)
      return errorPages.deliver(error, request, reply)
    })
    scope.all(settings.prefix === '' ? '*' : '/*', serve)
    if (settings.prefix !== '') scope.all('/', { prefixTrailingSlash: 'both' }, serve)
  }
}

export const contentStore = fp(contentStorePlugin, { fastify: '5.x', name: '@reliw/content-store' })
