/** Media types that are worth compressing. */

/** Whether `types` has `type`, by an exact entry or by a wildcard such as `text/*`. Parameters are ignored. */
export function isCompressible(type: string, types: readonly string[]): boolean {
  const [essence = ''] = type.toLowerCase().split(';')
  const name = essence.trim()
  const kind = `${name.slice(0, name.indexOf('/'))}/*`
  return types.some((entry) => entry === name || entry === kind)
}

/** Media types that compression makes smaller; fonts and images in compressed formats are not among them. */
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
