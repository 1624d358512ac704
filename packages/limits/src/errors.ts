import createError from '@fastify/error'

// These are refusals, not faults: they are expected, so they carry no stack.

/** The request has no Host, several, or an invalid one. */
export const BadHost = createError('RELIW_LIMITS_BAD_HOST', 'Bad host', 400, Error, false)

/** The request target is not a path, or its path is ambiguous. */
export const BadPath = createError('RELIW_LIMITS_BAD_PATH', 'Bad path', 400, Error, false)

/** The end of the request body cannot be determined. */
export const BadFraming = createError('RELIW_LIMITS_BAD_FRAMING', 'Bad request', 400, Error, false)

/** The request target is longer than `max_uri_length`. */
export const UriTooLong = createError(
  'RELIW_LIMITS_URI_TOO_LONG',
  'URI too long',
  414,
  Error,
  false
)

/** The method is CONNECT, which this server does not support (RFC 9110 9.3.6). */
export const NotImplemented = createError(
  'RELIW_LIMITS_NOT_IMPLEMENTED',
  'Not implemented',
  501,
  Error,
  false
)

/** The client is banned. */
export const Banned = createError('RELIW_LIMITS_BANNED', 'Forbidden', 403, Error, false)

/** A rate limit is exhausted; `Retry-After` says when a request is allowed again. */
export const RateLimited = createError(
  'RELIW_LIMITS_RATE_LIMITED',
  'Too many requests',
  429,
  Error,
  false
)

/** The body exceeds the maximum size. */
export const BodyTooLarge = createError(
  'RELIW_LIMITS_BODY_TOO_LARGE',
  'Payload too large',
  413,
  Error,
  false
)

/** The process is close to its resource limits. */
export const Overloaded = createError(
  'RELIW_LIMITS_OVERLOADED',
  'Service unavailable',
  503,
  Error,
  false
)

/** The site is in maintenance; `Retry-After` says when to come back. */
export const UnderMaintenance = createError(
  'RELIW_LIMITS_MAINTENANCE',
  'The site is in maintenance',
  503,
  Error,
  false
)

/** The maximum of concurrent requests is reached, in total or for this host. */
export const TooManyRequests = createError(
  'RELIW_LIMITS_TOO_MANY_REQUESTS',
  'Service unavailable',
  503,
  Error,
  false
)
