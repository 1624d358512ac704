import { type Store, WafAction, WafMode, WafRules } from '@reliw/model'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { WafVerdict } from './verdict.ts'

/** The options that a config file can contain. */
export const WafConfig = z.strictObject({
  mode: WafMode.default('block').describe(
    'Mode of rules without one of their own. `off`: rules are not evaluated; `detect`: matches are logged; `block`: matching requests are refused.'
  ),
  action: WafAction.prefault({ status: 403 }).describe(
    'Response to a blocked request, unless the rules have an action of their own.'
  ),
  on_budget: z
    .enum(['block', 'pass'])
    .default('block')
    .describe('What happens to a request whose rules exhaust their budget.'),
  budget: z
    .int()
    .min(1000)
    .default(100_000)
    .describe('Steps that all rules together may take per request.')
})

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

export const WafOptions = WafConfig.extend({
  store: z
    .custom<Store>(isStore, 'expected a store, as openStore() returns it')
    .optional()
    .describe('Store of the rules for all hosts and for each host, read at every request.'),
  rules: WafRules.optional().describe('Rules for all requests, if there is no store.'),
  onVerdict: z
    .custom<(verdict: WafVerdict, request: FastifyRequest) => void>(isFunction)
    .optional()
    .describe('Called with each verdict, before the action.')
}).refine(({ store, rules }) => store === undefined || rules === undefined, {
  path: ['rules'],
  message: 'no effect beside a store, which contains the rules: omit one of the two'
})

/** The options as the user writes them. */
export type WafOptions = z.input<typeof WafOptions>
