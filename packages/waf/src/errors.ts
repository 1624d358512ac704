import createError from '@fastify/error'

/** A rule matched, or used up what a request may take. What it says names neither. */
export const Blocked = createError('RELIW_WAF_BLOCKED', 'Forbidden', 403, Error, false)
