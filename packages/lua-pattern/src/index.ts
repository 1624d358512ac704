export { fromByteString, toByteString } from './byte-string.ts'
export {
  LuaPatternBudgetError,
  LuaPatternError,
  type LuaPatternErrorCode,
  type LuaPatternFault
} from './errors.ts'
export {
  compilePattern,
  type CompilePatternOptions,
  type LuaGsubResult,
  type LuaMatch,
  type LuaPattern,
  type StepBudget
} from './lua-pattern.ts'
