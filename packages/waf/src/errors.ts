import createError from '@fastify/error'

/** A rule matched, or the rules exhausted the budget. The message tells the client neither. */
export const Blocked = createError('RELIW_WAF_BLOCKED', 'Forbidden', 403, Error, false)
