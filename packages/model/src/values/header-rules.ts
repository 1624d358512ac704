import * as z from 'zod'
import { Cors } from './cors.ts'
import { HeaderName, HeaderValue, RequestHeaderName, ResponseHeaderName } from './header-names.ts'
import { SecurityHeaders } from './security-headers.ts'

/** Largest number of names in one set of rules. */
const MAX_NAMES = 64
const MAX_VALUES = 16
/** Headers that may occur only once in a message. */
const SINGLE =
  /^(access-control-(?!expose|allow-[hm]).*|age|authorization|content-(disposition|location|type)|expires|referrer-policy|retry-after|strict-transport-security|user-agent|x-content-type-options|x-frame-options)$/

/** Rules for the headers of a message. Names are in lower case; no name is in two of the fields. */
export interface HeaderRules {
  /** Replaces all values. */
  readonly set: Readonly<Record<string, readonly string[]>>
  /** Adds values to those that there are. */
  readonly add: Readonly<Record<string, readonly string[]>>
  readonly remove: readonly string[]
  /** Values of headers that are absent otherwise. */
  readonly default: Readonly<Record<string, readonly string[]>>
}

const Values = z.union(
  [HeaderValue, z.array(HeaderValue).min(1).max(MAX_VALUES)],
  `expected a header value, or a list of up to ${MAX_VALUES}`
)

const rulesFor = (name: typeof HeaderName) =>
  z
    .strictObject({
      set: z.record(name, Values).default({}).describe('Header → its value, or its values.'),
      add: z.record(name, Values).default({}).describe('Header → a further value, or values.'),
      remove: z.array(name).default([]).describe('Headers that are removed.'),
      default: z
        .record(name, Values)
        .default({})
        .describe('Header → its value, if it is absent otherwise.')
    })
    .superRefine(checkNames)
    .transform(({ set, add, remove, default: absent }): HeaderRules => ({
      set: listed(set),
      add: listed(add),
      remove: remove.map((one) => one.toLowerCase()),
      default: listed(absent)
    }))

const RequestRules = rulesFor(RequestHeaderName).describe('Headers of requests to origins.')
const ResponseRules = rulesFor(ResponseHeaderName).describe('Headers of responses.')

type WrittenRules = Record<'set' | 'add' | 'default', Record<string, string | string[]>> & {
  remove: string[]
}

function checkNames(rules: WrittenRules, context: z.RefinementCtx): void {
  const seen = new Map<string, string>()
  const issue = (message: string, ...path: (string | number)[]): void =>
    context.addIssue({ code: 'custom', message, path })
  const see = (name: string, field: string, at: string | number): void => {
    const lower = name.toLowerCase()
    const before = seen.get(lower)
    if (before !== undefined) {
      const where = before === field ? `twice in \`${field}\`` : `in \`${before}\` as well`
      issue(`the header is named ${where}: name it once`, field, at)
    }
    seen.set(lower, field)
    if (field === 'add' && SINGLE.test(lower))
      issue('the header can have only one value: use `set` or `default`', field, at)
  }
  for (const field of ['set', 'add', 'default'] as const) {
    for (const [name, values] of Object.entries(rules[field])) {
      see(name, field, name)
      if (Array.isArray(values) && values.length > 1 && SINGLE.test(name.toLowerCase()))
        issue('the header can have only one value', field, name)
    }
  }
  for (const [at, name] of rules.remove.entries()) see(name, 'remove', at)
  if (seen.size > MAX_NAMES) issue(`at most ${MAX_NAMES} headers`)
}

function listed(values: Record<string, string | string[]>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name.toLowerCase(), [value].flat()])
  )
}

/** Headers of a site: rules, and presets. */
export const SiteHeaders = z
  .strictObject({
    request: RequestRules.optional(),
    response: ResponseRules.optional(),
    security: SecurityHeaders.optional().describe(
      '`true`, or an object: headers that make browsers stricter.'
    ),
    cors: z
      .union([z.literal(false), Cors], 'expected false, or an object such as {"origins": […]}')
      .optional()
      .describe('Pages of other origins that may read responses.')
  })
  .superRefine(({ cors, response }, context) => {
    if (!cors || response === undefined) return
    for (const field of ['set', 'add', 'default'] as const) {
      for (const name of Object.keys(response[field])) {
        if (!name.startsWith('access-control-')) continue
        const message = 'no effect beside `cors`, which sets this header'
        context.addIssue({ code: 'custom', message, path: ['response', field, name] })
      }
    }
  })

export type SiteHeaders = z.output<typeof SiteHeaders>

/** Headers of an upstream: rules for requests to its origins and for responses to these requests. */
export const UpstreamHeaders = z.strictObject({
  request: RequestRules.optional(),
  response: ResponseRules.optional()
})

export type UpstreamHeaders = z.output<typeof UpstreamHeaders>

/** Headers of an entry. */
export interface EntryHeaders {
  /** Header → value, sent with content only. */
  readonly content: Readonly<Record<string, string>>
  /** Rules and presets; undefined for none. */
  readonly rules: SiteHeaders | undefined
}

const OfContent = z.record(HeaderName, HeaderValue)

/** `headers` of an entry: header → value, sent with content; or rules, as those of a site. */
export const EntryHeaders = z.unknown().transform((written, context): EntryHeaders => {
  const schema = isPlain(written) ? OfContent : SiteHeaders
  const parsed = schema.safeParse(written)
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: written } as z.core.$ZodRawIssue)
    return z.NEVER
  }
  return isPlain(written)
    ? { content: parsed.data as Record<string, string>, rules: undefined }
    : { content: {}, rules: parsed.data }
})

/** Whether headers are written as header → value. */
function isPlain(written: unknown): boolean {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return false
  return Object.values(written).every((value) => typeof value === 'string')
}
