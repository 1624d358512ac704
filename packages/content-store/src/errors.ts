import createError from '@fastify/error'

/** The host has nothing at this path. */
export const NotFound = createError<[]>('RELIW_CONTENT_NOT_FOUND', 'Not Found', 404, Error, false)

/** No site serves the host. */
export const NoSite = createError<[]>('RELIW_CONTENT_NO_SITE', 'Not Found', 404, Error, false)

/** The entry does not allow this method; `Allow` lists the methods that it allows. */
export const MethodNotAllowed = createError<[]>(
  'RELIW_CONTENT_METHOD_NOT_ALLOWED',
  'Method Not Allowed',
  405,
  Error,
  false
)

/** The request's If-Match or If-Unmodified-Since does not hold. */
export const PreconditionFailed = createError<[]>(
  'RELIW_CONTENT_PRECONDITION_FAILED',
  'Precondition Failed',
  412,
  Error,
  false
)

/** The requested range lies beyond the content; `Content-Range` gives the length of the content. */
export const RangeNotSatisfiable = createError<[]>(
  'RELIW_CONTENT_RANGE_NOT_SATISFIABLE',
  'Range Not Satisfiable',
  416,
  Error,
  false
)

/** The request's host or path is one that no site can have. */
export const BadTarget = createError<[]>(
  'RELIW_CONTENT_BAD_TARGET',
  'Bad Request',
  400,
  Error,
  false
)

/** The location that a redirect makes from the request is too long. */
export const RedirectTooLong = createError<[]>(
  'RELIW_CONTENT_REDIRECT_TOO_LONG',
  'URI Too Long',
  414,
  Error,
  false
)

/** The content exists but cannot be served; the log has the reason. */
export const CannotServe = createError<[string]>(
  'RELIW_CONTENT_CANNOT_SERVE',
  '%s',
  500,
  Error,
  false
)

/** The entry needs something that this server does not have; the log says what. */
export const NotAvailable = createError<[string]>(
  'RELIW_CONTENT_NOT_AVAILABLE',
  '%s',
  501,
  Error,
  false
)

/** The limit on large files being sent at the same time is reached. */
export const Busy = createError<[]>(
  'RELIW_CONTENT_BUSY',
  'Too many large files are being sent',
  503,
  Error,
  false
)
