import type { Entry, Store, Upstream } from '@reliw/model'
import { ByteSize } from '@reliw/options'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { DEFAULT_COMPRESSIBLE } from './rendering/compressible.ts'

/** The part of the options that can be written in a config file. */
export const ContentOptions = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('/www')
    .describe('Where the files are: <data_dir>/<host>/<file>, else <data_dir>/__/<file>.'),
  cache_max_size: ByteSize.prefault('5MiB').describe(
    'Files above this size are not kept in memory but streamed, and pages are not made of them.'
  ),
  compression: z
    .strictObject({
      enabled: z.boolean().default(true),
      min_size: ByteSize.prefault(4096).describe('Smaller content is never compressed.'),
      types: z
        .array(z.string())
        .default([...DEFAULT_COMPRESSIBLE])
        .describe('Media types to compress; "text/*" stands for all of its kind.')
    })
    .prefault({})
    .describe('Content in br, zstd and gzip, made once and kept.')
})

const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'
const isFunction = (value: unknown): boolean => typeof value === 'function'

/** Answers a request from an upstream; `name` is what the upstream is called, one per entry. */
export type Forward = (
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  upstream: Upstream
) => void

/**
 * Looks at a request before its entry answers it: true lets it go on, false says that it has been answered.
 * What it throws, or rejects with, is shown as an error page.
 */
export type Gate = (
  request: FastifyRequest,
  reply: FastifyReply,
  entry: Entry
) => boolean | Promise<boolean>

export const ContentStoreOptions = ContentOptions.extend({
  store: z.custom<Store>(isStore, 'expected a store, as openStore() returns it'),
  prefix: z
    .string()
    .regex(/^(?:\/[\w.~-]+)*\/?$/, 'expected a path such as "/static", without parameters')
    .default('')
    .transform((path) => path.replace(/\/$/, ''))
    .describe(
      'Where in the app the sites are: paths are looked up without it, and redirects have it.'
    ),
  forward: z
    .custom<Forward>(isFunction)
    .optional()
    .describe('Answers what entries with `proxy` are for. Without it they are not available.'),
  authorize: z
    .custom<Gate>(isFunction)
    .optional()
    .describe(
      'Asked about entries with `auth`, and answers login pages. Without it they are not available.'
    ),
  limit: z
    .custom<Gate>(isFunction)
    .optional()
    .describe('Asked about all entries. Without it those with `rate_limit` are not available.'),
  is_busy: z
    .custom<() => boolean>(isFunction)
    .optional()
    .describe('While it says so, content is not compressed that has not been before.'),
  raw: z
    .boolean()
    .default(false)
    .describe('Write responses straight to the socket: faster, and onSend hooks do not see them.')
})

/** What a user writes. */
export type ContentStoreOptions = Omit<z.input<typeof ContentStoreOptions>, 'prefix'> & {
  prefix?: string
}
