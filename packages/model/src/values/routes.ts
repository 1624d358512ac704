import { type LuaPattern, toByteString } from '@reliw/lua-pattern'
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

interface CompiledRoute {
  at: number
  entry: string
  pattern: LuaPattern
}

/** `API:<host>`: maps paths to entries. The first matching route wins. */
export class Routes {
  readonly #exact = new Map<string, { at: number; entry: string }>()
  readonly #patterns: CompiledRoute[] = []

  constructor(routes: readonly z.output<typeof Route>[], context: z.RefinementCtx) {
    for (const [at, [path, entry, exact]] of routes.entries()) {
      if (exact) {
        const bytes = toByteString(path)
        if (!this.#exact.has(bytes)) this.#exact.set(bytes, { at, entry })
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
    return this.matchBytes(toByteString(path))
  }

  /** As `match`, for a path that is already a byte string. */
  matchBytes(bytes: string): string | undefined {
    const exact = this.#exact.get(bytes)
    for (const route of this.#patterns) {
      if (exact !== undefined && route.at > exact.at) break
      if (route.pattern.test(bytes)) return route.entry
    }
    return exact?.entry
  }
}

const Schema = z.array(Route).transform((routes, context) => new Routes(routes, context))

export function decodeRoutes(key: string, raw: Buffer): Routes {
  return decodeJson(key, Schema, raw)
}
