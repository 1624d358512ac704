/** The attributes, and their values, that a document may set. */
import { isSafeImage, isSafeLink } from './safe-url.ts'

/**
 * The attributes that are known to be harmless. security: left out are event handlers, styles other than the alignment
 * of a table cell, addresses that run code, and attributes that the site's scripts may act on (`data-*`).
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
