import createError from '@fastify/error'

// These are refusals, not faults: they are expected, so they carry no stack.

/** The client's address may not make requests here. The message does not tell which rule says so. */
export const Refused = createError<[]>('RELIW_ACCESS_REFUSED', 'Forbidden', 403, Error, false)

/** It cannot be decided whether the client may make requests here; the log says why. */
export const Undecided = createError<[]>(
  'RELIW_ACCESS_UNDECIDED',
  'Service Unavailable',
  503,
  Error,
  false
)
