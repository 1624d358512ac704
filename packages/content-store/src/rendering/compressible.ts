/** Which media types are worth compressing. */

/**
 * Whether `type` (parameters are ignored) is in `types`: exact entries, or all of a kind as
 * `text/*`.
 */
export function isCompressible(type: string, types: readonly string[]): boolean {
  const [essence = ''] = type.toLowerCase().split(';')
  const name = essence.trim()
  const kind = `${name.slice(0, name.indexOf('/'))}/*`
  return types.some((entry) => entry === name || entry === kind)
}

/**
 * The types that shrink by compression; fonts and images that are compressed in themselves do not.
 */
export const DEFAULT_COMPRESSIBLE: readonly string[] = [
  'text/*',
  'application/atom+xml',
  'application/geo+json',
  'application/javascript',
  'application/json',
  'application/ld+json',
  'application/lua',
  'application/manifest+json',
  'application/rss+xml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/xhtml+xml',
  'application/xml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/svg+xml',
  'image/vnd.microsoft.icon',
  'image/x-icon'
]
