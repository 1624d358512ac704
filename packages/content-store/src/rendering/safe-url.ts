/** Which addresses a document may point at. */

/**
 * Whether `url` is free of schemes that run or carry code, however they are disguised by case,
 * blanks and controls.
 */
export function isSafeLink(url: string): boolean {
  return !dangerousScheme.test(unmask(url))
}

/**
 * As `isSafeLink`, but inline bitmaps (`data:image/png` and its like; SVG may hold scripts) are
 * images too.
 */
export function isSafeImage(url: string): boolean {
  const unmasked = unmask(url)
  return inlineBitmap.test(unmasked) || !dangerousScheme.test(unmasked)
}

const dangerousScheme = /^(?:javascript|vbscript|data|file|blob|filesystem):/
const inlineBitmap = /^data:image\/(?:avif|gif|jpeg|png|webp)[;,]/

/** Browsers drop controls and blanks around a scheme, some even within it. */
function unmask(url: string): string {
  return url.replace(/[\p{C}\p{Z}]/gu, '').toLowerCase()
}
