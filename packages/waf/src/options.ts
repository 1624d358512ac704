import { type Store, WafAction, WafMode, WafRules } from '@reliw/model'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { WafVerdict } from './verdict.ts'

/** The part of the options that can be written in a config file. */
export const WafConfig = z.strictObject({
  mode: WafMode.default('block').describe(
    'What becomes of a match where the rules do not say: nothing is looked at, it is told, or acted upon.'
  ),
  action: WafAction.prefault({ status: 403 }).describe(
    'How a blocked request is answered where the rules do not say.'
  ),
  on_budget: z
    .enum(['block', 'pass'])
    .default('block')
    .describe('What becomes of a request whose rules used up their steps.'),
  budget: z
    .int()
    .min(1000)
    .default(100_000)
    .describe('Steps that the rules may take for one request, all together.')
})

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isStore = (value: unknown): boolean =>
  typeof (value as Store | undefined)?.view === 'function'

export const WafOptions = WafConfig.extend({
  store: z
    .custom<Store>(isStore, 'expected a store, as openStore() returns it')
    .optional()
    .describe('Has the rules of all hosts and of each, current at every request.'),
  rules: WafRules.optional().describe('Rules for all requests, where there is no store.'),
  onVerdict: z
    .custom<(verdict: WafVerdict, request: FastifyRequest) => void>(isFunction)
    .optional()
    .describe('Told of each match.')
}).refine(({ store, rules }) => store === undefined || rules === undefined, {
  path: ['rules'],
  message: 'no effect beside a store, which has the rules: leave one out'
})

/** What a user writes. */
export type WafOptions = z.input<typeof WafOptions>
export type WafSettings = z.output<typeof WafOptions>
