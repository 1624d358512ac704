import { compilePattern, type LuaPattern, toByteString } from '@reliw/lua-pattern'
import * as z from 'zod'

/** A Lua pattern, compiled. */
export const Pattern = z.string().transform((text, context): LuaPattern => {
  try {
    return compilePattern(toByteString(text))
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message, input: text })
    return z.NEVER
  }
})
