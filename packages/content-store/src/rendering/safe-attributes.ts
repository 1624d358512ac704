/** Which attributes a document may set, and to what. */
import { isSafeImage, isSafeLink } from './safe-url.ts'

/**
 * The harmless ones of `attributes`: no event handlers, no style but a cell's alignment, no address
 * that runs code, nothing that scripts of the site might act upon (`data-*`).
 */
export function safeAttributes(
  attributes: Record<string, unknown>
): [name: string, value: string][] {
  const safe: [string, string][] = []
  for (const [key, value] of Object.entries(attributes)) {
    const name = key.toLowerCase()
    if (typeof value === 'string' && isSafeAttribute(name, value)) safe.push([name, value])
  }
  return safe
}

const harmless = new Set(
  `alt checked class cols colspan dir disabled headers height hreflang id lang loading rel reversed
  role rowspan scope start title translate type width`.split(/\s+/)
)

function isSafeAttribute(name: string, value: string): boolean {
  switch (name) {
    case 'href':
      return isSafeLink(value)
    case 'src':
      return isSafeImage(value)
    case 'style':
      return /^text-align: (?:left|right|center);$/.test(value)
    default:
      return harmless.has(name) || /^aria-[a-z]+$/.test(name)
  }
}
