/** The addresses that a document may link to. */

/**
 * Whether `url` has no scheme that runs or carries code. security: an author may disguise a scheme by upper case,
 * blanks and control characters.
 */
export function isSafeLink(url: string): boolean {
  return !dangerousScheme.test(unmask(url))
}

/**
 * Like `isSafeLink`, but also allows inline bitmaps such as `data:image/png`. SVG may contain scripts and is not
 * allowed.
 */
export function isSafeImage(url: string): boolean {
  const unmasked = unmask(url)
  return inlineBitmap.test(unmasked) || !dangerousScheme.test(unmasked)
}

const dangerousScheme = /^(?:javascript|vbscript|data|file|blob|filesystem):/
const inlineBitmap = /^data:image\/(?:avif|gif|jpeg|png|webp)[;,]/

/** Browsers ignore control characters and blanks around a scheme, and some of them within it. */
function unmask(url: string): string {
  return url.replace(/[\p{C}\p{Z}]/gu, '').toLowerCase()
}
