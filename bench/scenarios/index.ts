import type { BenchOptions } from '../harness/arguments.ts'
import type { Report } from '../harness/report.ts'
import { content } from './content.ts'
import { large } from './large.ts'
import { live } from './live.ts'
import { proxy } from './proxy.ts'
import { scale } from './scale.ts'

/** Every scenario by its name. */
export const scenarios: Record<string, (options: BenchOptions) => Promise<Report>> = {
  content,
  large,
  live,
  proxy,
  scale
}
