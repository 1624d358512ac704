import createError from '@fastify/error'

// Refusals, not faults: they are expected, so they carry no stack.

/** The request names no host, several, or one that cannot exist. */
export const BadHost = createError('RELIW_LIMITS_BAD_HOST', 'Bad host', 400, Error, false)

/** The request target is not a path, or one that could be read in two ways. */
export const BadPath = createError('RELIW_LIMITS_BAD_PATH', 'Bad path', 400, Error, false)

/** The request target is longer than `max_uri_length`. */
export const UriTooLong = createError(
  'RELIW_LIMITS_URI_TOO_LONG',
  'URI too long',
  414,
  Error,
  false
)
