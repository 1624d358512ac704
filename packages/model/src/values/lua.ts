import { compilePattern, type LuaPattern, toByteString } from '@reliw/lua-pattern'
import * as z from 'zod'

/** A Lua pattern, compiled. */
export const Pattern = z.string().transform((text, context) => compileIn(context, text) ?? z.NEVER)

/** Compiles a pattern; a syntax error becomes a validation issue at `path`, relative to the value being validated. */
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
