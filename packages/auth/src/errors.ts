import createError from '@fastify/error'

// Refusals, not faults: they are expected, so they carry no stack.

/** Too many passwords are waiting to be checked already. */
export const Busy = createError('RELIW_AUTH_BUSY', 'Service unavailable', 503, Error, false)

/** The client left before its password was checked: nobody gets this answer. */
export const ClientLeft = createError(
  'RELIW_AUTH_CLIENT_LEFT',
  'Client closed request',
  499,
  Error,
  false
)

/** A password that is to be kept has more than 1,024 bytes. */
export const PasswordTooLong = createError(
  'RELIW_AUTH_PASSWORD_TOO_LONG',
  'Password too long',
  400,
  Error,
  false
)

/** Nobody has proved who the request is from; `WWW-Authenticate` says how one may. */
export const Unauthenticated = createError(
  'RELIW_AUTH_UNAUTHENTICATED',
  'Unauthorized',
  401,
  Error,
  false
)

/** Whoever it is may not have this, or what was shown is no proof at all. */
export const Forbidden = createError('RELIW_AUTH_FORBIDDEN', 'Forbidden', 403, Error, false)

/** Who is to be asked about a request cannot be: nobody is let in meanwhile. */
export const Unavailable = createError(
  'RELIW_AUTH_UNAVAILABLE',
  'Service unavailable',
  503,
  Error,
  false
)

/** A login form that is no login form. */
export const FormTooLarge = createError(
  'RELIW_AUTH_FORM_TOO_LARGE',
  'Payload too large',
  413,
  Error,
  false
)

/** A rule names a way that the site has no settings for. */
export const Misconfigured = createError('RELIW_AUTH_MISCONFIGURED', '%s', 500, Error, false)

/** Too many passwords were wrong, or too many logins begun: with Retry-After. */
export const TooManyFailures = createError(
  'RELIW_AUTH_TOO_MANY_FAILURES',
  'Too many requests',
  429,
  Error,
  false
)
