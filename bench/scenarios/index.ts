import type { BenchOptions } from '../harness/arguments.ts'
import type { Report } from '../harness/report.ts'
import { content } from './content.ts'
import { large } from './large.ts'
import { limits } from './limits.ts'
import { live } from './live.ts'
import { metrics } from './metrics.ts'
import { plugins } from './plugins.ts'
import { proxy } from './proxy.ts'
import { scale } from './scale.ts'
import { wafRules } from './waf-rules.ts'

/** Every scenario by its name. */
export const scenarios: Record<string, (options: BenchOptions) => Promise<Report>> = {
  content,
  large,
  limits,
  live,
  metrics,
  plugins,
  proxy,
  scale,
  'waf-rules': wafRules
}
