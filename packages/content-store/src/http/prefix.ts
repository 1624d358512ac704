/**
 * Throws when a scope's prefix has a parameter: its value would be part of the prefix, and differ from request to
 * request.
 */
export function mustBeFixed(prefix: string): void {
  if (!/[:*(]/.test(prefix)) return
  throw new Error(
    `@reliw/content-store: the scope's prefix "${prefix}" has a parameter: sites need a fixed one, such as "/static"`
  )
}

/** The path of an app below which sites are served: '' or a path such as `/static`, without a slash at its end. */
export class Prefix {
  readonly #prefix: string
  readonly #escaped: string

  /** @param parts decoded prefixes of the enclosing scopes, the outermost first */
  constructor(...parts: string[]) {
    const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '')
    this.#prefix = segments.map((segment) => `/${segment}`).join('')
    this.#escaped = encodeURI(this.#prefix)
  }

  get isEmpty(): boolean {
    return this.#prefix === ''
  }

  /** The path in the site, given a decoded path in the app; '' for the prefix itself, undefined outside the prefix. */
  strip(path: string): string | undefined {
    if (!path.startsWith(this.#prefix)) return undefined
    const rest = path.slice(this.#prefix.length)
    return rest === '' || rest.startsWith('/') ? rest : undefined
  }

  /** The path, or reference, in the app for one in the site. */
  add(path: string): string {
    return this.#escaped + path
  }
}
