import * as z from 'zod'
import { RedirectTarget } from './redirect-target.ts'

const MAX_TEMPLATE = 2048

/** `redirect` of an entry. */
export const Redirect = z.strictObject({
  to: z
    .string()
    .min(1)
    .max(MAX_TEMPLATE)
    .transform((template, context) => {
      try {
        return new RedirectTarget(template)
      } catch (cause) {
        context.addIssue({ code: 'custom', message: (cause as Error).message, input: template })
        return z.NEVER
      }
    })
    .describe(
      'A path, or a URL with http or https. %1 to %9: captures of the route; %0: its whole match; ${host}, ${subdomain}, ${path}, ${query}: of the request.'
    ),
  status: z
    .literal([301, 302, 303, 307, 308], 'expected 301, 302, 303, 307 or 308')
    .default(302)
    .describe('301 and 308 are permanent: browsers may remember them. 307 and 308 keep the method.')
})

export type Redirect = z.output<typeof Redirect>
