import createError from '@fastify/error'

// Refusals, not faults: they are expected, so they carry no stack.
// security: messages name neither origins nor addresses, which clients must not learn; the cause does, for the log.

/** The origin refused or dropped the connection, has no valid certificate, or did not send valid HTTP. */
export const BadGateway = createError(
  'RELIW_UPSTREAM_BAD_GATEWAY',
  'Bad gateway',
  502,
  Error,
  false
)

/** The origin took longer than `timeouts` allow. */
export const GatewayTimeout = createError(
  'RELIW_UPSTREAM_TIMEOUT',
  'Gateway timeout',
  504,
  Error,
  false
)

/** No origin is usable, the circuit is open, or too many requests are waiting. Sent with Retry-After. */
export const Unavailable = createError(
  'RELIW_UPSTREAM_UNAVAILABLE',
  'Service unavailable',
  503,
  Error,
  false
)

/** The body is longer than `max_body_size`. */
export const BodyTooLarge = createError(
  'RELIW_UPSTREAM_BODY_TOO_LARGE',
  'Body too large',
  413,
  Error,
  false
)

/** The client stopped sending its body. */
export const BodyTimeout = createError(
  'RELIW_UPSTREAM_BODY_TIMEOUT',
  'Request timeout',
  408,
  Error,
  false
)

/** The request cannot be forwarded: its target is not a path, or the framing of its body is not supported. */
export const BadRequest = createError(
  'RELIW_UPSTREAM_BAD_REQUEST',
  'Bad request',
  400,
  Error,
  false
)

/** The path does not begin with the upstream's `strip_prefix`, so the origin has nothing for it. */
export const NotFound = createError('RELIW_UPSTREAM_NOT_FOUND', 'Not found', 404, Error, false)

/** The client expects something other than `100-continue` (RFC 9110 10.1.1). */
export const ExpectationFailed = createError(
  'RELIW_UPSTREAM_EXPECTATION',
  'Expectation failed',
  417,
  Error,
  false
)

/** security: TRACE would show the client the headers that this server adds. */
export const MethodRefused = createError(
  'RELIW_UPSTREAM_METHOD_REFUSED',
  'Method not allowed',
  405,
  Error,
  false
)

/** The request has passed through this process before: an upstream leads back to this server. */
export const LoopDetected = createError('RELIW_UPSTREAM_LOOP', 'Loop detected', 508, Error, false)

/**
 * The request could not be forwarded through a fault on this side: the upstream is unknown, the body had already been
 * read, or an internal exception was thrown.
 */
export const CannotForward = createError('RELIW_UPSTREAM_CANNOT_FORWARD', '%s', 500)
