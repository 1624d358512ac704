import { compilePattern, type LuaPattern, toByteString } from '@reliw/lua-pattern'
import * as z from 'zod'

/** A Lua pattern, compiled. */
export const Pattern = z.string().transform((text, context) => compileIn(context, text) ?? z.NEVER)

/** Compiles a pattern; what is wrong with it becomes an issue, at `path` below what is being checked. */
export function compileIn(
  context: z.RefinementCtx,
  text: string,
  path: PropertyKey[] = []
): LuaPattern | undefined {
  try {
    return compilePattern(toByteString(text))
  } catch (cause) {
    context.addIssue({ code: 'custom', path, message: (cause as Error).message, input: text })
    return undefined
  }
}
