import createError from '@fastify/error'

// Refusals are expected, so they carry no stack; faults do.

/** Too many password checks are waiting. */
export const Busy = createError('RELIW_AUTH_BUSY', 'Service unavailable', 503, Error, false)

/** The client left before its password was checked; nobody receives this response. */
export const ClientLeft = createError(
  'RELIW_AUTH_CLIENT_LEFT',
  'Client closed request',
  499,
  Error,
  false
)

/** A password to be hashed for storage has more than 1,024 bytes. */
export const PasswordTooLong = createError(
  'RELIW_AUTH_PASSWORD_TOO_LONG',
  'Password too long',
  400,
  Error,
  false
)

/** The request has no valid credentials; `WWW-Authenticate` names the accepted schemes. */
export const Unauthenticated = createError(
  'RELIW_AUTH_UNAUTHENTICATED',
  'Unauthorized',
  401,
  Error,
  false
)

/** The rule does not permit the user, the credentials can never be valid, or the request has no valid host. */
export const Forbidden = createError('RELIW_AUTH_FORBIDDEN', 'Forbidden', 403, Error, false)

/** A token issuer, provider or auth server cannot be reached; requests that depend on it are refused meanwhile. */
export const Unavailable = createError(
  'RELIW_AUTH_UNAVAILABLE',
  'Service unavailable',
  503,
  Error,
  false
)

/** The form sent to the login page exceeds 16 KiB. */
export const FormTooLarge = createError(
  'RELIW_AUTH_FORM_TOO_LARGE',
  'Payload too large',
  413,
  Error,
  false
)

/** A rule names an authentication method that the site has no settings for, or the login page requires a login. */
export const Misconfigured = createError('RELIW_AUTH_MISCONFIGURED', '%s', 500, Error, false)

/** Too many attempts failed, or too many logins were begun; sent with Retry-After. */
export const TooManyFailures = createError(
  'RELIW_AUTH_TOO_MANY_FAILURES',
  'Too many requests',
  429,
  Error,
  false
)
