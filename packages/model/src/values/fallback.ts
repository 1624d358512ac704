import * as z from 'zod'

/** A last part of a path with a file extension, such as `app.js`; `v1.2` has none. */
const EXTENSION = /\.(?=\d*[A-Za-z])[A-Za-z0-9]{1,12}$/

/** The file that is served at paths of an entry that lead to no file: the shell of a single-page app. */
export const Fallback = z
  .preprocess(
    (value) => (typeof value === 'string' ? { file: value } : value),
    z.strictObject({
      file: z.string().min(1),
      extensions: z
        .boolean()
        .default(false)
        .describe('Whether it is served, too, at paths with an extension, such as "/missing.js".')
    })
  )
  .describe('The file for paths that lead to no file, as of a single-page app.')

export type Fallback = z.output<typeof Fallback>

/**
 * Whether the fallback is served at a path. A missing script or image stays a 404: a page in its place would be cached
 * and run as one.
 */
export function coversPath({ extensions }: Fallback, path: string): boolean {
  return extensions || !EXTENSION.test(path)
}
