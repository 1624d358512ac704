import createError from '@fastify/error'

// Refusals, not faults: they are expected, so they carry no stack. What goes on behind the server is none of a
// client's business: messages name neither origins nor addresses; the cause does, for the log.

/** The origin refused, broke off, has no valid certificate, or answered what is not HTTP. */
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

/** No origin is usable, or the circuit is open, or too many requests wait. With Retry-After. */
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

/** The request cannot be forwarded: its target is no path, or its body is framed in a way of its own. */
export const BadRequest = createError(
  'RELIW_UPSTREAM_BAD_REQUEST',
  'Bad request',
  400,
  Error,
  false
)

/** The path does not begin with the upstream's `strip_prefix`: it leads nowhere there. */
export const NotFound = createError('RELIW_UPSTREAM_NOT_FOUND', 'Not found', 404, Error, false)

/** The client expects something else than `100-continue` (RFC 9110 10.1.1). */
export const ExpectationFailed = createError(
  'RELIW_UPSTREAM_EXPECTATION',
  'Expectation failed',
  417,
  Error,
  false
)

/** TRACE would show the client what this server added. */
export const MethodRefused = createError(
  'RELIW_UPSTREAM_METHOD_REFUSED',
  'Method not allowed',
  405,
  Error,
  false
)

/** The request has been here before: an upstream leads back to this server. */
export const LoopDetected = createError('RELIW_UPSTREAM_LOOP', 'Loop detected', 508, Error, false)

/** `forward` was called with a name that is none, or after the body had been read. A fault of the app. */
export const CannotForward = createError('RELIW_UPSTREAM_CANNOT_FORWARD', '%s', 500)
