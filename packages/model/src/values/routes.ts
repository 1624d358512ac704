import { fromByteString, type LuaPattern, toByteString } from '@reliw/lua-pattern'
import * as z from 'zod'
import { decodeJson } from './json.ts'
import { compileIn } from './lua.ts'

const Route = z.union(
  [
    z.tuple([z.string(), z.string().min(1)]),
    z.tuple([z.string(), z.string().min(1), z.boolean().nullish()])
  ],
  { error: 'expected [pattern, entry] or [path, entry, true]' }
)

/** A route. */
export interface FoundRoute {
  /** The id of the entry that the route leads to. */
  readonly entry: string
  /** Undefined for an exact route. */
  readonly pattern: LuaPattern | undefined
}

interface PatternRoute extends FoundRoute {
  readonly at: number
  readonly pattern: LuaPattern
}

interface ExactRoute extends FoundRoute {
  readonly at: number
  readonly pattern: undefined
}

/** `API:<host>`: maps paths to entries. The first matching route wins. */
export class Routes {
  readonly #exact = new Map<string, ExactRoute>()
  readonly #patterns: PatternRoute[] = []

  constructor(routes: readonly z.output<typeof Route>[], context: z.RefinementCtx) {
    for (const [at, [path, entry, exact]] of routes.entries()) {
      if (exact) {
        const bytes = toByteString(path)
        if (!this.#exact.has(bytes)) this.#exact.set(bytes, { at, entry, pattern: undefined })
        continue
      }
      const pattern = compileIn(context, path, [at, 0])
      if (pattern !== undefined) this.#patterns.push({ at, entry, pattern })
    }
  }

  /**
   * The id of the entry for a decoded path.
   *
   * @throws LuaPatternBudgetError when a pattern takes too long on this path
   */
  match(path: string): string | undefined {
    return this.find(path)?.entry
  }

  /** As `match`, for a path that is already a byte string. */
  matchBytes(bytes: string): string | undefined {
    return this.#find(bytes)?.entry
  }

  /**
   * The route for a decoded path.
   *
   * @throws LuaPatternBudgetError when a pattern takes too long on this path
   */
  find(path: string): FoundRoute | undefined {
    return this.#find(toByteString(path))
  }

  #find(bytes: string): FoundRoute | undefined {
    const exact = this.#exact.get(bytes)
    for (const route of this.#patterns) {
      if (exact !== undefined && route.at > exact.at) break
      if (route.pattern.test(bytes)) return route
    }
    return exact
  }

  /** All routes, each exact one with its path. */
  *all(): Iterable<FoundRoute & { readonly path: string | undefined }> {
    for (const [bytes, route] of this.#exact) yield { ...route, path: fromByteString(bytes) }
    for (const route of this.#patterns) yield { ...route, path: undefined }
  }
}

const Schema = z.array(Route).transform((routes, context) => new Routes(routes, context))

export function decodeRoutes(key: string, raw: Buffer): Routes {
  return decodeJson(key, Schema, raw)
}
