import type { Entry, Store, Upstream } from '@reliw/model'
import { ByteSize } from '@reliw/options'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { DEFAULT_COMPRESSIBLE } from './rendering/compressible.ts'

/** The options that can be set in a config file. */
export const ContentOptions = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('/www')
    .describe('Directory of the files: <data_dir>/<host>/<file>, else <data_dir>/__/<file>.'),
  cache_max_size: ByteSize.prefault('5MiB').describe(
    'Larger files are streamed instead of cached, and not rendered as pages.'
  ),
  compression: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether content is compressed.'),
      min_size: ByteSize.prefault(4096).describe('Smaller content is not compressed.'),
      types: z
        .array(z.string())
        .default([...DEFAULT_COMPRESSIBLE])
        .describe('Media types to compress; "text/*" stands for all text types.'),
      precompressed: z
        .boolean()
        .default(true)
        .describe(
          'Whether compressed files beside a file on disk, such as "app.js.br", are sent instead of it.'
        )
    })
    .prefault({})
    .describe('Compression by br, zstd and gzip; compressed content is cached.')
})

const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'
const isFunction = (value: unknown): boolean => typeof value === 'function'

/** Forwards a request to an upstream; `name` identifies the upstream, one per entry. */
export type Forward = (
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  upstream: Upstream
) => void

/**
 * Checks a request before its entry is served: true lets the request continue, false means that a response has been
 * sent. An error that the gate throws, or rejects with, is shown as an error page.
 */
export type Gate = (
  request: FastifyRequest,
  reply: FastifyReply,
  entry: Entry
) => boolean | Promise<boolean>

/**
 * Makes the page of a request for a host that no site serves: its title, and HTML for the built-in layout. Undefined:
 * the error page, as for any 404. Must not throw.
 */
export type NoSitePage = (request: FastifyRequest) => { title: string; content: string } | undefined

export const ContentStoreOptions = ContentOptions.extend({
  store: z.custom<Store>(isStore, 'expected a store, as openStore() returns it'),
  prefix: z
    .string()
    .regex(/^(?:\/[\w.~-]+)*\/?$/, 'expected a path such as "/static", without parameters')
    .default('')
    .transform((path) => path.replace(/\/$/, ''))
    .describe(
      'Path of the sites in the app: removed before paths are looked up, and added to redirects.'
    ),
  forward: z
    .custom<Forward>(isFunction)
    .optional()
    .describe(
      'Forwards requests for entries with `proxy`. Without it, requests for such entries get a 501.'
    ),
  authorize: z
    .custom<Gate>(isFunction)
    .optional()
    .describe(
      'Checks requests for entries with `auth`, and sends login pages. Without it, requests for such entries get a 501.'
    ),
  admit_client: z
    .custom<Gate>(isFunction)
    .optional()
    .describe(
      'Checks the clients of entries with `allow_from` or `deny_from`, before `authorize`. Without it, requests for such entries get a 501.'
    ),
  limit: z
    .custom<Gate>(isFunction)
    .optional()
    .describe(
      'Checks requests for all entries. Without it, requests for entries with `rate_limit` get a 501.'
    ),
  is_busy: z
    .custom<() => boolean>(isFunction)
    .optional()
    .describe(
      'While it returns true, content without a cached compressed variant is not compressed.'
    ),
  no_site_page: z
    .custom<NoSitePage>(isFunction)
    .optional()
    .describe('Makes the page of requests for hosts that no site serves. Default: the error page.'),
  raw: z
    .boolean()
    .default(false)
    .describe('Write responses straight to the socket: faster, but onSend hooks do not see them.')
})

/** The plugin's options before defaults are filled in. */
export type ContentStoreOptions = Omit<z.input<typeof ContentStoreOptions>, 'prefix'> & {
  prefix?: string
}
