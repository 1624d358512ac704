import createError from '@fastify/error'

/** Nothing answers this path of this host. */
export const NotFound = createError<[]>('RELIW_CONTENT_NOT_FOUND', 'Not Found', 404, Error, false)

/** The entry does not answer this method; `Allow` says which it does. */
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

/** The requested range lies beyond the content; `Content-Range` says how long it is. */
export const RangeNotSatisfiable = createError<[]>(
  'RELIW_CONTENT_RANGE_NOT_SATISFIABLE',
  'Range Not Satisfiable',
  416,
  Error,
  false
)

/** The host or path of the request is not one that a site can have. */
export const BadTarget = createError<[]>(
  'RELIW_CONTENT_BAD_TARGET',
  'Bad Request',
  400,
  Error,
  false
)

/** The content is there and cannot be served; the log says why. */
export const CannotServe = createError<[string]>(
  'RELIW_CONTENT_CANNOT_SERVE',
  '%s',
  500,
  Error,
  false
)

/** The entry asks for something that is not there to answer it; the log says what. */
export const NotAvailable = createError<[string]>(
  'RELIW_CONTENT_NOT_AVAILABLE',
  '%s',
  501,
  Error,
  false
)

/** As many large files are being sent as there is room for. */
export const Busy = createError<[]>(
  'RELIW_CONTENT_BUSY',
  'Too many large files are being sent',
  503,
  Error,
  false
)
