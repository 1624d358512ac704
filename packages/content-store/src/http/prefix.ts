/**
 * Refuses a scope's prefix with a parameter: what it stands for would be part of the prefix, and each request has
 * another one.
 */
export function mustBeFixed(prefix: string): void {
  if (!/[:*(]/.test(prefix)) return
  throw new Error(
    `@reliw/content-store: the scope's prefix "${prefix}" has a parameter: sites need a fixed one, such as "/static"`
  )
}

/** Paths of an app below one path of which sites are served: '' or `/static`, without a slash at its end. */
export class Prefix {
  readonly #prefix: string
  readonly #escaped: string

  /** @param parts prefixes of the scopes around, decoded, the outermost first */
  constructor(...parts: string[]) {
    const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '')
    this.#prefix = segments.map((segment) => `/${segment}`).join('')
    this.#escaped = encodeURI(this.#prefix)
  }

  get isEmpty(): boolean {
    return this.#prefix === ''
  }

  /** The path of the site: what follows the prefix in a decoded path; '' for the prefix itself, undefined elsewhere. */
  strip(path: string): string | undefined {
    if (!path.startsWith(this.#prefix)) return undefined
    const rest = path.slice(this.#prefix.length)
    return rest === '' || rest.startsWith('/') ? rest : undefined
  }

  /** The path, or reference, in the app of one in the site. */
  add(path: string): string {
    return this.#escaped + path
  }
}
